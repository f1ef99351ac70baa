-- Stores a new world, lists it, names it, and spends the unit that was held for it: all or nothing.
-- KEYS: world, index, slugs, usage, holds[, idempotency].
-- ARGV: world id, hold id, unit, name, description, cover, kind, doc, response (its slug is "@slug@"),
--       idempotency ms, slug (or '' for none), 1 on a cluster.
-- Answers: {rev, slug or ''}; rev is 0 when the hold has lapsed (nothing is stored then).
local now = now_ms()
local there = redis.call('HMGET', KEYS[1], 'rev', 'slug')
if there[1] then
  return {tonumber(there[1]), there[2] or ''} -- asked again: it is there already
end
if not spend_hold(KEYS[4], KEYS[5], ARGV[3], ARGV[2], now) then
  return {0, ''}
end

-- The first free one of slug, slug-2, …; after some tries the world's own id decides.
local slug = ARGV[11]
if slug ~= '' then
  local tries = 1
  while redis.call('HSETNX', KEYS[3], slug, ARGV[1]) == 0 do
    tries = tries + 1
    slug = ARGV[11] .. '-' .. (tries <= 20 and tries or string.sub(ARGV[1], 1, 8))
    if tries > 21 then
      slug = ARGV[1]
    end
  end
end

redis.call('HSET', KEYS[1], 'rev', 1, 'name', ARGV[4], 'description', ARGV[5], 'cover', ARGV[6],
  'kind', ARGV[7], 'visibility', 'private', 'created', now, 'updated', now, 'doc', ARGV[8])
if slug ~= '' then
  redis.call('HSET', KEYS[1], 'slug', slug)
end
if ARGV[12] == '1' then
  redis.call('HSET', KEYS[1], 'epoch', master_epoch())
end
redis.call('ZADD', KEYS[2], 0, index_member(now, ARGV[1]))
if KEYS[6] then
  local from, to = string.find(ARGV[9], '"@slug@"', 1, true)
  local said = slug == '' and 'null' or '"' .. slug .. '"'
  redis.call('HSET', KEYS[6], 'response',
    string.sub(ARGV[9], 1, from - 1) .. said .. string.sub(ARGV[9], to + 1))
  redis.call('PEXPIRE', KEYS[6], ARGV[10])
end
return {1, slug}
