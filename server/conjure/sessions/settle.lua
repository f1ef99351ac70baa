-- Ends an admission that waited for the runtime: confirms it, or takes it back.
-- KEYS: leases, lease, usage. ARGV: jti, op, outcome ('confirm' or 'withdraw'), end ms of the admission.
-- Answers the ms at which the lease now ends; 0 when there is none any more.
local lease = redis.call('HMGET', KEYS[2], 'start', 'end', 'charged', 'op', 'day', 'today',
  'confirmed', 'ended', 'final', 'prior')
if not lease[1] or lease[8] then
  return 0
end
local finish, confirmed = tonumber(lease[2]), tonumber(lease[7])
if ARGV[3] == 'confirm' then
  if tonumber(ARGV[4]) > confirmed then
    redis.call('HSET', KEYS[2], 'confirmed', ARGV[4])
  end
  return finish
end
if lease[4] ~= ARGV[2] then
  return finish -- another admission of the same token came later: the lease is its to settle
end

-- Back to where the last successful admission left it.
if lease[9] == '1' then
  confirmed = tonumber(lease[10])
end
local charged = tonumber(lease[3])
local keep = 0
if confirmed > 0 then
  keep = math.min(charged, math.floor((confirmed - lease[1]) / 1000))
end
local back = charged - keep
if tonumber(lease[5]) == day_of(now_ms()) then
  local refund = math.min(back, tonumber(lease[6]))
  if refund > 0 then
    redis.call('HINCRBY', KEYS[3], 'session_seconds', -refund)
    redis.call('HINCRBY', KEYS[2], 'today', -refund)
  end
end
if confirmed == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 0
end
redis.call('HSET', KEYS[2], 'end', confirmed, 'charged', keep, 'op', '',
  'confirmed', confirmed)
redis.call('PEXPIREAT', KEYS[2], confirmed + 60000)
redis.call('ZADD', KEYS[1], confirmed, ARGV[1])
return confirmed
