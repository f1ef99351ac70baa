-- Replaces a world's document if it still is the revision that the edit was made from.
-- A checkout also moves HEAD, to a version that must still be there.
-- An edit of what another write makes that may not have happened yet has no base revision, but that write's effect:
-- then it is that write's revision that the world must be at. If it has not happened, this is stale.
-- `assets`: those that the new document names, or '=': the same as before.
-- Answers: {'ok', new rev, assets that no document of the world names any more}, {'stale', rev, doc}, {'gone'}, or
-- {'uncounted'}: nobody knows which were named before, so that '=' says nothing.
local world, effect, changes, asset_names, asset_counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local base_rev, name, description, cover, doc = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local effect_ms, ops, visibility, assets = ARGV[6], ARGV[7], ARGV[8], ARGV[9] -- visibility '' keeps it
local version_id = ARGV[10]
local versions = version_id and KEYS[6] -- of a checkout
local effect_before = base_rev == '' and KEYS[6]

local done = redis.call('GET', effect)
if done then
  return {'ok', done} -- asked again: this very write has happened
end
local found = redis.call('HMGET', world, 'rev', 'named')
local rev, named = found[1], found[2]
if not rev or (versions and redis.call('HEXISTS', versions, version_id) == 0) then
  return {'gone'}
end
if effect_before then
  base_rev = redis.call('GET', effect_before)
end
if rev ~= base_rev then
  return {'stale', rev, redis.call('HGET', world, 'doc')}
end
if assets == '=' and named ~= rev then
  return {'uncounted'}
end
local now = now_ms()
local new = next_rev(world, rev)
redis.call('HSET', world, 'rev', new, 'name', name, 'description', description, 'cover', cover,
  'doc', doc, 'updated', now, 'named', new)
local dropped = assets ~= '=' and set_names(asset_names, asset_counts, 'doc', assets) or {}
if visibility ~= '' then
  change_visibility(world, visibility, now)
end
if versions then
  redis.call('HSET', world, 'head', version_id)
end
record_change(changes, new, rev, ops, now)
redis.call('SET', effect, new, 'PX', effect_ms)
return {'ok', new, unpack(dropped)}
