-- The asker's admission is final: it has its place, and the credential is stored. Idempotent under `op`.
-- Answers: 1 when the session is live; 0 when it was ended or revoked meanwhile, or has run out: then the asker has
--          to withdraw, and others wait for that; -1 when another asks by now.
local lease_key, credential = KEYS[1], KEYS[2]
local op = ARGV[1]
local from, to, exp = ARGV[2], ARGV[3], ARGV[4] -- ms, of a new credential; '' when there is none
local kept = ARGV[5] -- the credential, where it is stored; else ''
local now = now_ms()
local lease = read_lease(lease_key)
if lease.asker ~= op then
  return -1
end
if lease['end'] <= now and lease.undo then -- nobody has played by it: it can be taken back
  return 0
end
local live = lease['end'] > now and not lease.revoked
if lease.asking_until > 0 then
  redis.call('HDEL', lease_key, 'undo')
  if live then
    redis.call('HSET', lease_key, 'asking_until', 0)
    redis.call('HDEL', lease_key, 'ask')
  end
  if from ~= '' and not lease.revoked then
    local prior = lease.exp > now and math.max(lease.exp, lease.prior) or lease.prior
    redis.call('HSET', lease_key, 'from', from, 'to', to, 'exp', exp, 'prior', prior)
    if kept ~= '' then
      redis.call('SET', credential, kept)
      redis.call('PEXPIREAT', credential, to) -- a secret: it goes with the lease
    end
  end
end
return live and 1 or 0
