-- Ends a live session: frees the slot, gives back the unused seconds. Idempotent under `op`.
-- KEYS: leases, lease, admissions, usage[, places]. ARGV: jti, op, member of places.
-- Answers: {'none'}, or {'ended', world, player, start, end, charged, refunded, end ms before}.
local now = now_ms()
local lease = redis.call('HMGET', KEYS[2], 'start', 'end', 'charged', 'day', 'today', 'ended',
  'world', 'player', 'refunded', 'before')
if not lease[1] then
  return {'none'}
end
if lease[6] == ARGV[2] then -- asked again
  return {'ended', lease[7], lease[8], lease[1], lease[2], lease[3], lease[9], lease[10]}
end
local finish = tonumber(lease[2])
if lease[6] or finish <= now then
  return {'none'}
end
local charged = tonumber(lease[3])
local spent = math.ceil((now - lease[1]) / 1000)
local refund = 0
if tonumber(lease[4]) == day_of(now) then
  refund = math.max(0, math.min(charged - spent, tonumber(lease[5])))
  redis.call('HINCRBY', KEYS[4], 'session_seconds', -refund)
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[3])
if KEYS[5] then
  settle_place(KEYS[5], ARGV[3], finish, 0)
end
-- Kept for a minute, so that whoever got no answer can ask again.
redis.call('HSET', KEYS[2], 'ended', ARGV[2], 'end', now, 'charged', charged - refund,
  'refunded', refund, 'before', lease[2])
redis.call('PEXPIRE', KEYS[2], 60000)
return {'ended', lease[7], lease[8], lease[1], tostring(now), tostring(charged - refund), tostring(refund), lease[2]}
