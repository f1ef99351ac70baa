-- Ends a live session: frees the slot, gives back the unused seconds. Idempotent under `op`.
-- Answers: {'none'}, or {'ended', world, player, start, end, charged, refunded, end ms before}.
local leases, lease_key, admissions, usage, places = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local jti, op, member = ARGV[1], ARGV[2], ARGV[3] -- member: of places
local now = now_ms()
local found = redis.call('HMGET', lease_key, 'start', 'end', 'charged', 'day', 'today', 'ended',
  'world', 'player', 'refunded', 'before')
local start, finish, charged = found[1], tonumber(found[2]), tonumber(found[3])
local day, today, ended = tonumber(found[4]), tonumber(found[5]), found[6]
local world, player, refunded, before = found[7], found[8], found[9], found[10]
if not start then
  return {'none'}
end
if ended == op then -- asked again
  return {'ended', world, player, start, found[2], found[3], refunded, before}
end
if ended or finish <= now then
  return {'none'}
end
local spent = math.ceil((now - start) / 1000)
local refund = 0
if day == day_of(now) then
  refund = math.max(0, math.min(charged - spent, today))
  redis.call('HINCRBY', usage, 'session_seconds', -refund)
end
redis.call('ZREM', leases, jti)
redis.call('DEL', admissions)
if places then
  settle_place(places, member, finish, 0)
end
-- Kept for a minute, so that whoever got no answer can ask again.
redis.call('HSET', lease_key, 'ended', op, 'end', now, 'charged', charged - refund,
  'refunded', refund, 'before', found[2])
redis.call('PEXPIRE', lease_key, 60000)
return {
  'ended', world, player, start, tostring(now), tostring(charged - refund), tostring(refund), found[2],
}
