-- Takes an admission back: slot and seconds are as they were before it. Repeating it does no harm.
-- On a cluster its place was given back first: while it is not withdrawn nobody else takes one for this token.
-- Answers: 1, or 0 when there was no such admission, or its session was ended.
local leases, lease_key, usage, places = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local jti, op, member = ARGV[1], ARGV[2], ARGV[3] -- member: of places
local cause = ARGV[4] -- what those who wait for this admission are told; '': that they may ask themselves
local now = now_ms()
local lease = read_lease(lease_key)
if lease.asker ~= op or not (lease.undo or lease.asking_until > 0) then
  return 0
end
local was_ended = not lease.undo
local finish = take_back(lease, leases, lease_key, usage, jti, now)
if cause ~= '' then
  redis.call('HSET', lease_key, 'failed', op, 'cause', cause)
  if lease.undo == 'none' and not lease.revoked then
    redis.call('PEXPIRE', lease_key, SLACK_MS)
  end
end
if was_ended then
  return 0
end
if places then
  settle_place(places, member, lease['end'], finish)
end
return 1
