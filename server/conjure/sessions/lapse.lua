-- Tells the end of a tenant's sessions that have run out: of those that are asked for, and of others, for as many as
-- there are ids. Nobody is told twice: what is told leaves `leases` in the same step.
-- Answers: how many were told, and for each that was asked for the ms that its lease has left; 0: it is over;
--          -1: an admission is under way, which decides.
local leases, usage, lanes, ready = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lease_prefix, count = ARGV[1], tonumber(ARGV[2])
local ids = {unpack(ARGV, 3, 2 + count)} -- of events, no fewer than are asked for
local entries = {unpack(KEYS, 5)} -- of the same
local asked = {unpack(ARGV, 3 + count)}
local now = now_ms()
local told = 0

local function left_of(jti)
  local score = tonumber(redis.call('ZSCORE', leases, jti))
  if not score then -- it was ended, or told already
    return 0
  end
  local lease_key = lease_prefix .. jti
  local lease = read_lease(lease_key)
  if lease.asking_until > now then
    return -1
  end
  if lease.asking_until > 0 then -- the asker never came back: nobody has what it asked for
    take_back(lease, leases, lease_key, usage, jti, now)
    if not redis.call('ZSCORE', leases, jti) then
      return 0
    end
    lease = read_lease(lease_key)
  end
  if lease['end'] > now then
    if lease['end'] ~= score then
      redis.call('ZADD', leases, lease['end'], jti)
    end
    return lease['end'] - now
  end
  redis.call('ZREM', leases, jti)
  if lease.is_there then -- else nobody has come for a day, and there is nothing left to tell
    redis.call('HDEL', lease_key, 'undo') -- an admission whose end was told cannot be taken back
    told = told + 1
    tell_end(lanes, ready, entries[told], ids[told], jti, lease_key, now)
  end
  return 0
end

local answer = {0}
for _, jti in ipairs(asked) do
  answer[#answer + 1] = left_of(jti)
end
for _, jti in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, count - told)) do
  left_of(jti)
end
answer[1] = told
return answer
