-- Stores what an edit in words makes of a world: the world as it was becomes a version onto HEAD whose source is `ai`,
-- the new document takes its place, the held unit is spent, and the answer remembered. All or nothing.
-- Asking again with the same effect key changes nothing.
-- `assets`: those that the new document names, or '=': the same as before.
-- Answers: {'ok', new rev, assets that no document of the world names any more}, {'gone'}, {'stale', rev, doc},
-- {'uncounted'}: nobody knows which were named before, so that '=' says nothing; {'lapsed'} (the hold; nothing is stored
-- then), {'versions'}, {'bytes'} or {'assets'} (as many as there may be), or {'keyframe', address, blob}: pack it against
-- this one ('' when there is none).
local world, versions, blobs, counts, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local asset_names, asset_counts = KEYS[6], KEYS[7]
local effect, changes, usage, holds, record = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local id, base_rev, title, address, blob = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local most_versions, most_bytes = tonumber(ARGV[6]), tonumber(ARGV[7])
local name, description, cover, doc, ops = ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local unit, hold, effect_ms = ARGV[13], ARGV[14], ARGV[15]
local assets, names_nothing = ARGV[16], ARGV[17] == '1' -- the document that becomes a version names no asset
local body, answer, remember_ms = ARGV[18], ARGV[19], ARGV[20]

local done = redis.call('GET', effect)
if done then
  return {'ok', done}
end
local found = redis.call('HMGET', world, 'rev', 'head', 'named')
local rev, head, named = found[1], found[2], found[3]
if not rev then
  return {'gone'}
end
if rev ~= base_rev then
  return {'stale', rev, redis.call('HGET', world, 'doc')}
end
if assets == '=' and named ~= rev then
  return {'uncounted'}
end
local problem = version_problem(versions, blobs, counts, asset_names, asset_counts, address, blob, most_versions, most_bytes)
if problem then
  return problem
end
local now = now_ms()
if not spend_hold(usage, holds, unit, hold, now) then
  return {'lapsed'}
end

local is_counted = is_counted(world, rev, named, asset_names, asset_counts, names_nothing)
add_version(world, versions, blobs, counts, index, asset_names, asset_counts, is_counted,
  id, head or cjson.null, true, 'ai', title, address, blob)
local new = next_rev(world, rev)
redis.call('HSET', world, 'rev', new, 'name', name, 'description', description, 'cover', cover,
  'doc', doc, 'updated', now, 'named', new)
local dropped = assets ~= '=' and set_names(asset_names, asset_counts, 'doc', assets) or {}
record_change(changes, new, rev, ops, now)
redis.call('SET', effect, new, 'PX', effect_ms)
if record then
  remember(record, remember_ms, body, answer, '', new)
end
return {'ok', new, unpack(dropped)}
