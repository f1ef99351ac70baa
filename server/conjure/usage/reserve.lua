-- Reserves one unit under a hold that lapses by itself, and opens an Idempotency-Key when there is one.
-- Asking again with the same hold id changes nothing.
-- KEYS: usage, caps, holds[, idempotency]. ARGV: unit, default cap, hold id, hold ms, body hash.
-- Answers: {'held'}, {'quota'}, {'replay', response}, {'running'} or {'mismatch'}.
local now = now_ms()
local unit, default, hold, hold_ms, body = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local idempotency = KEYS[4]

if redis.call('ZSCORE', KEYS[3], hold) then
  return {'held'}
end
if idempotency then
  local first = redis.call('HMGET', idempotency, 'body', 'running_until', 'response')
  local running, done = first[2] and tonumber(first[2]) > now, first[3]
  -- A first attempt whose server died (`running_until` has passed) has left nothing.
  local lapsed = first[2] and not running and not done
  if first[1] and not lapsed then
    if first[1] ~= body then
      return {'mismatch'}
    end
    if done then
      return {'replay', done}
    end
    if running then
      return {'running'}
    end
  end
end

redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
local used = used_of(KEYS[1], unit, day_of(now)) + redis.call('ZCARD', KEYS[3])
if used >= cap_of(KEYS[2], unit, default) then
  return {'quota'}
end
redis.call('ZADD', KEYS[3], now + hold_ms, hold)
if idempotency then
  redis.call('DEL', idempotency)
  redis.call('HSET', idempotency, 'body', body, 'hold', hold, 'running_until', now + hold_ms)
  redis.call('PEXPIRE', idempotency, hold_ms)
end
return {'held'}
