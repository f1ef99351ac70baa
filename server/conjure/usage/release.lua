-- Gives a held unit back. Repeating it does no harm.
-- The Idempotency-Key that it opened is freed, or, when the kernel refused what the body says, kept for
-- that body: the same one is refused again, another one is told to come with another key.
local holds, record = KEYS[1], KEYS[2]
local hold, refused_ms = ARGV[1], tonumber(ARGV[2]) -- how long to remember the refusal; 0: free the key
redis.call('ZREM', holds, hold)
if record then
  local found = redis.call('HMGET', record, 'hold', 'answer')
  if found[1] == hold and not found[2] then
    if refused_ms > 0 then
      redis.call('HDEL', record, 'hold', 'running_until')
      redis.call('HSET', record, 'refused', 1)
      redis.call('PEXPIRE', record, refused_ms)
    else
      redis.call('DEL', record)
    end
  end
end
return 1
