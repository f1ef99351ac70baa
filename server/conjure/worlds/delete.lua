-- Removes a world and all that belongs to it. Idempotent under the effect key.
-- Answers: {'deleted', 1 if the directory of public worlds may know it}, {'gone'} or {'stale'}.
local effect, slugs, worlds, characters, world = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local others = {unpack(KEYS, 6)} -- every other key of the world
local id, asserted, effect_ms = ARGV[1], ARGV[2], ARGV[3]

local done = redis.call('GET', effect)
if done then
  return {'deleted', tonumber(done)} -- asked again: this very deletion has happened
end
local found = redis.call('HMGET', world, 'rev', 'created', 'slug', 'visibility', 'visibility_seq')
local rev, created, slug, visibility, visibility_seq = unpack(found)
if not rev then
  return {'gone'}
end
if not allows(asserted, rev) then
  return {'stale'}
end
local was_shared = (visibility_seq or visibility ~= 'private') and 1 or 0
local member = index_member(created, id)
redis.call('ZREM', worlds, member)
redis.call('ZREM', characters, member)
if slug then
  redis.call('HDEL', slugs, slug)
end
redis.call('UNLINK', world, unpack(others))
redis.call('SET', effect, was_shared, 'PX', effect_ms)
return {'deleted', was_shared}
