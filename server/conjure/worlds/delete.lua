-- Removes a world and all that belongs to it. Idempotent under the effect key.
-- KEYS: effect, slugs, the indexes of both kinds, then every key of the world, its own first.
-- ARGV: world id, effect ms. Answers: 1, or 0 when there was none.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 1 -- asked again: this very deletion has happened
end
local found = redis.call('HMGET', KEYS[5], 'created', 'slug')
if not found[1] then
  return 0
end
local member = index_member(found[1], ARGV[1])
redis.call('ZREM', KEYS[3], member)
redis.call('ZREM', KEYS[4], member)
if found[2] then
  redis.call('HDEL', KEYS[2], found[2])
end
for i = 5, #KEYS do
  redis.call('UNLINK', KEYS[i])
end
redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
return 1
