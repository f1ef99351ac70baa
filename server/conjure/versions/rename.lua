-- Sets a version's title. KEYS: world, versions, effect. ARGV: version id, title (JSON), effect ms.
-- Answers: 1, or 0 when there is no such version.
if redis.call('EXISTS', KEYS[3]) == 1 then
  return 1 -- asked again: this very write has happened
end
local found = redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HGET', KEYS[2], ARGV[1])
if not found then
  return 0
end
local node = cjson.decode(found)
node.title = cjson.decode(ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(node))
redis.call('SET', KEYS[3], 1, 'PX', ARGV[3])
return 1
