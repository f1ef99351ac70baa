-- Removes a world and all that belongs to it. Idempotent under the effect key. `kind`: that the world must be of, or
-- '' for any.
-- Answers: {'deleted', 1 if the directory of public worlds may know it, some of the assets that it named}, {'gone'} or
-- {'stale'}.
local effect, slugs, worlds, characters, asset_counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local world, others = KEYS[6], {unpack(KEYS, 7)} -- every other key of the world
local id, asserted, effect_ms, wanted_kind = ARGV[1], ARGV[2], ARGV[3], ARGV[4] or ''

local done = redis.call('GET', effect)
if done then
  return {'deleted', tonumber(done)} -- asked again: this very deletion has happened
end
local found = redis.call('HMGET', world, 'rev', 'created', 'slug', 'visibility', 'visibility_seq', 'kind')
local rev, created, slug, visibility, visibility_seq, kind = unpack(found)
if not rev or (wanted_kind ~= '' and kind ~= wanted_kind) then
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
local dropped = {}
if redis.call('HLEN', asset_counts) <= 1000 then -- the others are found by the slow sweep
  for _, asset in ipairs(redis.call('HKEYS', asset_counts)) do
    if #asset == 64 then
      dropped[#dropped + 1] = asset
    end
  end
end
redis.call('UNLINK', world, unpack(others))
redis.call('SET', effect, was_shared, 'PX', effect_ms)
return {'deleted', was_shared, unpack(dropped)}
