-- Removes a world and all that belongs to it. Idempotent under the effect key. `kind`: that the world must be of, or
-- '' for any.
-- What a character remembers of its players may be any number of keys: the first thousand are removed here, for the
-- others an entry of durable work is put.
-- Answers: {'deleted', 1 if the directory of public worlds may know it, 1 if there is such an entry, some of the assets
-- that it named}, {'gone'} or {'stale'}.
local effect, slugs, worlds, characters, asset_counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local memories, lanes, ready, entry = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local world, others = KEYS[10], {unpack(KEYS, 11)} -- every other key of the world
local id, asserted, effect_ms, wanted_kind = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local prefix, entry_id = ARGV[5], ARGV[6] -- prefix: of keys of its memories

local done = redis.call('GET', effect)
if done then
  done = tonumber(done)
  return {'deleted', done % 2, math.floor(done / 2)} -- asked again: this very deletion has happened
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
local is_unfinished = 0
if forget_players(memories, prefix, 1000) then
  queue_put(lanes, ready, entry, 'forgetting', '', entry_id, now_ms(), id)
  is_unfinished = 1
end
redis.call('SET', effect, was_shared + 2 * is_unfinished, 'PX', effect_ms)
return {'deleted', was_shared, is_unfinished, unpack(dropped)}
