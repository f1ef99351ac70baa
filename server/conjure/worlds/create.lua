-- Stores a new world, lists it, and spends the unit that was held for it: all or nothing.
-- KEYS: world, index, usage, holds[, idempotency].
-- ARGV: world id, hold id, unit, name, description, cover, kind, doc, response, idempotency ms.
-- Answers: the first revision, or 0 when the hold has lapsed (nothing is stored then).
local now = now_ms()
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('HGET', KEYS[1], 'rev') -- asked again: it is there already
end
if redis.call('ZREM', KEYS[4], ARGV[2]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'rev', 1, 'name', ARGV[4], 'description', ARGV[5], 'cover', ARGV[6],
  'kind', ARGV[7], 'visibility', 'private', 'created', now, 'updated', now, 'doc', ARGV[8])
redis.call('ZADD', KEYS[2], 0, string.format('%013d:%s', now, ARGV[1]))
roll(KEYS[3], day_of(now))
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
if KEYS[5] then
  redis.call('HSET', KEYS[5], 'response', ARGV[9])
  redis.call('PEXPIRE', KEYS[5], ARGV[10])
end
return 1
