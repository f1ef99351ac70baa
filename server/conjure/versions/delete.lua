-- Removes a version; its children go to its parent, and what only it needed goes with it.
-- Answers: {'done', assets that no document of the world names any more}, {'gone'}, {'conflict'} (with what is
-- asserted of the world's revision) or {'head'}.
local world, versions, blobs, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local index, asset_names, asset_counts, effect = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local id, asserted, effect_ms = ARGV[1], ARGV[2], ARGV[3]

if redis.call('EXISTS', effect) == 1 then
  return {'done'} -- asked again: this very write has happened
end
local found = redis.call('HMGET', world, 'rev', 'head')
local rev, head = found[1], found[2]
local stored = rev and redis.call('HGET', versions, id)
if not stored then
  return {'gone'}
end
if not allows(asserted, rev) then
  return {'conflict'}
end
if head == id then
  return {'head'}
end
local node = cjson.decode(stored)
local all = redis.call('HGETALL', versions)
for i = 1, #all, 2 do
  -- Nearly none is a child: looking for the id first is a tenth of decoding each.
  if string.find(all[i + 1], id, 1, true) then
    local child = cjson.decode(all[i + 1])
    if child.parent == id then
      child.parent = node.parent
      redis.call('HSET', versions, all[i], cjson.encode(child))
    end
  end
end
redis.call('HDEL', versions, id)
redis.call('ZREM', index, version_member(node.created, node.seq, id))
release(blobs, counts, node.blob)
local dropped = set_names(asset_names, asset_counts, id, '')
redis.call('SET', effect, 1, 'PX', effect_ms)
return {'done', unpack(dropped)}
