-- Stores a new world, lists it, names it, and spends the unit that was held for it: all or nothing.
-- Answers: {rev, slug or ''}; rev is 0 when the hold has lapsed (nothing is stored then).
-- A first revision needs no incarnation: nobody else ever makes a world of this id.
local world, index, slugs, usage, holds, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local id, hold, unit = ARGV[1], ARGV[2], ARGV[3]
local name, description, cover, kind, doc = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local wanted_slug = ARGV[9] -- '' for none
local body, answer, remember_ms = ARGV[10], ARGV[11], ARGV[12]
local now = now_ms()

local there = redis.call('HMGET', world, 'rev', 'slug')
if there[1] then
  -- Asked again: it is there already. Whatever was written since, the first revision was this one.
  return {'1', there[2] or ''}
end
if not spend_hold(usage, holds, unit, hold, now) then
  return {'0', ''}
end

-- The first free one of slug, slug-2, …; after some tries the world's own id decides.
local slug = wanted_slug
if slug ~= '' then
  local tries = 1
  while redis.call('HSETNX', slugs, slug, id) == 0 do
    tries = tries + 1
    slug = wanted_slug .. '-' .. (tries <= 20 and tries or string.sub(id, 1, 8))
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
if record then
  remember(record, remember_ms, body, answer, slug, '1')
end
return {'1', slug}
