-- Sets a version's title (JSON).
-- Answers: 'done', 'gone', or 'conflict' (with what is asserted of the world's revision).
local world, versions, effect = KEYS[1], KEYS[2], KEYS[3]
local id, title, asserted, effect_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if redis.call('EXISTS', effect) == 1 then
  return 'done' -- asked again: this very write has happened
end
local rev = redis.call('HGET', world, 'rev')
local stored = rev and redis.call('HGET', versions, id)
if not stored then
  return 'gone'
end
if not allows(asserted, rev) then
  return 'conflict'
end
local node = cjson.decode(stored)
node.title = cjson.decode(title)
redis.call('HSET', versions, id, cjson.encode(node))
redis.call('SET', effect, 1, 'PX', effect_ms)
return 'done'
