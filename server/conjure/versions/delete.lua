-- Removes a version; its children go to its parent, and what only it needed goes with it.
-- KEYS: world, versions, blobs, counts, effect. ARGV: version id, effect ms.
-- Answers: 'deleted', 'gone' or 'head'.
local id = ARGV[1]
if redis.call('EXISTS', KEYS[5]) == 1 then
  return 'deleted' -- asked again: this very write has happened
end
local found = redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HGET', KEYS[2], id)
if not found then
  return 'gone'
end
if redis.call('HGET', KEYS[1], 'head') == id then
  return 'head'
end
local node = cjson.decode(found)
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  -- Nearly none is a child: looking for the id first is a tenth of decoding each.
  if string.find(all[i + 1], id, 1, true) then
    local child = cjson.decode(all[i + 1])
    if child.parent == id then
      child.parent = node.parent
      redis.call('HSET', KEYS[2], all[i], cjson.encode(child))
    end
  end
end
redis.call('HDEL', KEYS[2], id)
release(KEYS[3], KEYS[4], node.blob)
redis.call('SET', KEYS[5], 1, 'PX', ARGV[2])
return 'deleted'
