-- Reserves one unit under a hold that lapses by itself after `ms`. Answers false when the day's cap is reached.
local function take_hold(usage, caps, holds, unit, default_cap, hold, ms, now)
  redis.call('ZREMRANGEBYSCORE', holds, '-inf', now)
  local used = used_of(usage, unit, day_of(now)) + redis.call('ZCARD', holds)
  if used >= cap_of(caps, unit, default_cap) then
    return false
  end
  redis.call('ZADD', holds, now + ms, hold)
  return true
end
