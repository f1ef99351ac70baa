
-- Turns a hold into a spent unit. Every script that stores the result of metered work calls it, so that
-- effect and spending are one step. Answers false when the hold has lapsed: nothing may be stored then.
local function spend_hold(usage, holds, unit, hold, now)
  local lapses = tonumber(redis.call('ZSCORE', holds, hold) or 0)
  redis.call('ZREM', holds, hold)
  if lapses <= now then
    return false
  end
  roll(usage, day_of(now))
  redis.call('HINCRBY', usage, unit, 1)
  return true
end
