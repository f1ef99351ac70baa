-- Lets a hold, and the Idempotency-Key that it opened, lapse later. Repeating it does no harm.
-- Answers 1, or 0 when the hold is no more: what it was for can no longer be spent.
local holds, record = KEYS[1], KEYS[2]
local hold, hold_ms = ARGV[1], tonumber(ARGV[2])
local now = now_ms()

local lapses = tonumber(redis.call('ZSCORE', holds, hold) or 0)
if lapses <= now then
  return 0
end
redis.call('ZADD', holds, now + hold_ms, hold)
if record then
  local found = redis.call('HMGET', record, 'hold', 'answer')
  if found[1] == hold and not found[2] then
    redis.call('HSET', record, 'running_until', now + hold_ms)
    redis.call('PEXPIRE', record, hold_ms)
  end
end
return 1
