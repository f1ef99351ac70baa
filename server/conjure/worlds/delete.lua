-- Removes a world and all that belongs to it. Idempotent under the effect key.
-- KEYS: as named, then every other key of the world. Answers: 'deleted', 'gone' or 'stale'.
local effect, slugs, worlds, characters, world = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, asserted, effect_ms = ARGV[1], ARGV[2], ARGV[3]

if redis.call('EXISTS', effect) == 1 then
  return 'deleted' -- asked again: this very deletion has happened
end
local found = redis.call('HMGET', world, 'rev', 'created', 'slug')
local rev, created, slug = found[1], found[2], found[3]
if not rev then
  return 'gone'
end
if not allows(asserted, rev) then
  return 'stale'
end
local member = index_member(created, id)
redis.call('ZREM', worlds, member)
redis.call('ZREM', characters, member)
if slug then
  redis.call('HDEL', slugs, slug)
end
redis.call('UNLINK', world, unpack(KEYS, 6))
redis.call('SET', effect, 1, 'PX', effect_ms)
return 'deleted'
