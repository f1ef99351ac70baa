-- Stores a new world, lists it, names it, and spends the unit that was held for it: all or nothing.
-- `response` is what a retry is answered; its slug is "@slug@". `slug` is '' for none.
-- Answers: {rev, slug or ''}; rev is 0 when the hold has lapsed (nothing is stored then).
-- A first revision needs no incarnation: nobody else ever makes a world of this id.
local world, index, slugs, usage, holds, idempotency = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local id, hold, unit, name, description, cover = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local kind, doc, response, idempotency_ms, wanted = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]

local now = now_ms()
local there = redis.call('HMGET', world, 'rev', 'slug')
if there[1] then
  return {there[1], there[2] or ''} -- asked again: it is there already
end
if not spend_hold(usage, holds, unit, hold, now) then
  return {'0', ''}
end

-- The first free one of slug, slug-2, …; after some tries the world's own id decides.
local slug = wanted
if slug ~= '' then
  local tries = 1
  while redis.call('HSETNX', slugs, slug, id) == 0 do
    tries = tries + 1
    slug = wanted .. '-' .. (tries <= 20 and tries or string.sub(id, 1, 8))
    if tries > 21 then
      slug = id
    end
  end
end

redis.call('HSET', world, 'rev', 1, 'name', name, 'description', description, 'cover', cover,
  'kind', kind, 'visibility', 'private', 'created', now, 'updated', now, 'doc', doc)
if slug ~= '' then
  redis.call('HSET', world, 'slug', slug)
end
redis.call('ZADD', index, 0, index_member(now, id))
if idempotency then
  local from, to = string.find(response, '"@slug@"', 1, true)
  local said = slug == '' and 'null' or '"' .. slug .. '"'
  redis.call('HSET', idempotency, 'response',
    string.sub(response, 1, from - 1) .. said .. string.sub(response, to + 1))
  redis.call('PEXPIRE', idempotency, idempotency_ms)
end
return {'1', slug}
