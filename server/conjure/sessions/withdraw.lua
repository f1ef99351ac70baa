-- Takes an admission back: slot and seconds go back to where the other admissions of the token leave them.
-- Repeating it does no harm. KEYS: leases, lease, admissions, usage[, places].
-- ARGV: jti, op, member of places.
-- Answers: {1 or 0 (was there such an admission), the end ms before, the end ms now (0: no lease)}.
local lease = redis.call('HMGET', KEYS[2], 'start', 'end', 'charged', 'day', 'today', 'ended')
if not lease[1] or lease[6] then
  return {0, 0, 0}
end
if redis.call('ZREM', KEYS[3], ARGV[2]) == 0 then
  return {0, tonumber(lease[2]), tonumber(lease[2])}
end
local latest = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')
local finish = tonumber(latest[2] or 0)
local keep = finish > 0 and math.floor((finish - lease[1]) / 1000) or 0
local back = math.max(0, lease[3] - keep)
if back > 0 and tonumber(lease[4]) == day_of(now_ms()) then
  local refund = math.min(back, tonumber(lease[5]))
  redis.call('HINCRBY', KEYS[4], 'session_seconds', -refund)
  redis.call('HINCRBY', KEYS[2], 'today', -refund)
end
if KEYS[5] then
  settle_place(KEYS[5], ARGV[3], tonumber(lease[2]), finish)
end
if finish == 0 then
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[2], 'end', finish, 'charged', lease[3] - back)
  redis.call('ZADD', KEYS[1], finish, ARGV[1])
end
return {1, tonumber(lease[2]), finish}
