-- Gives a held unit back. Repeating it does no harm.
-- The Idempotency-Key that it opened is freed, or, when the attempt was refused for what its body says,
-- kept for that body: the same body may be tried again, another one may not.
-- KEYS: holds[, idempotency]. ARGV: hold id, ms to keep the key (0: free it).
redis.call('ZREM', KEYS[1], ARGV[1])
if KEYS[2] then
  local first = redis.call('HMGET', KEYS[2], 'hold', 'response')
  if first[1] == ARGV[1] and not first[2] then
    if tonumber(ARGV[2]) > 0 then
      redis.call('HDEL', KEYS[2], 'running_until')
      redis.call('PEXPIRE', KEYS[2], ARGV[2])
    else
      redis.call('DEL', KEYS[2])
    end
  end
end
return 1
