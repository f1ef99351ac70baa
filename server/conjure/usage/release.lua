-- Gives a held unit back and frees the Idempotency-Key that it opened. Repeating it does no harm.
-- KEYS: holds[, idempotency]. ARGV: hold id.
redis.call('ZREM', KEYS[1], ARGV[1])
if KEYS[2] then
  local first = redis.call('HMGET', KEYS[2], 'hold', 'response')
  if first[1] == ARGV[1] and not first[2] then
    redis.call('DEL', KEYS[2])
  end
end
return 1
