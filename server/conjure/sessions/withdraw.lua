-- Takes an admission back: slot and seconds go back to where the other admissions of the token leave them.
-- Repeating it does no harm.
-- Answers: {1 or 0 (was there such an admission), the end ms before, the end ms now (0: no lease)}.
local leases, lease_key, admissions, usage, places = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local jti, op, member = ARGV[1], ARGV[2], ARGV[3] -- member: of places
local found = redis.call('HMGET', lease_key, 'start', 'end', 'charged', 'day', 'today', 'ended')
local start, before, charged, day, today, ended = found[1], tonumber(found[2]), found[3], found[4], found[5], found[6]
if not start or ended then
  return {0, 0, 0}
end
if redis.call('ZREM', admissions, op) == 0 then
  return {0, before, before}
end
local latest = redis.call('ZRANGE', admissions, -1, -1, 'WITHSCORES')
local finish = tonumber(latest[2] or 0)
local keep = finish > 0 and math.floor((finish - start) / 1000) or 0
local back = math.max(0, charged - keep)
if back > 0 and tonumber(day) == day_of(now_ms()) then
  local refund = math.min(back, tonumber(today))
  redis.call('HINCRBY', usage, 'session_seconds', -refund)
  redis.call('HINCRBY', lease_key, 'today', -refund)
end
if places then
  settle_place(places, member, before, finish)
end
if finish == 0 then
  redis.call('DEL', lease_key, admissions)
  redis.call('ZREM', leases, jti)
else
  redis.call('HSET', lease_key, 'end', finish, 'charged', charged - back)
  redis.call('ZADD', leases, finish, jti)
end
return {1, before, finish}
