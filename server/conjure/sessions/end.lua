-- Ends a live session: frees the slot, gives back the unused seconds, and puts the event. Idempotent under `op`,
-- which is the event's id. The record stays: a connect continues it, and what it has cost can be asked for.
-- Answers: {'none'}: never connected, or
--          {'ended' or 'over', world, player, start, end, charged, refunded, tracked, end ms before, must_release};
--          'over': there was no live session any more. 'must_release': the caller has to give the place back and
--          then withdraw; until it has, within `hold_ms`, those who connect again wait.
local leases, lease_key, credential, usage = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lanes, ready, entry = KEYS[5], KEYS[6], KEYS[7] -- of the event
local places = KEYS[8] -- not on a cluster
local jti, op, member = ARGV[1], ARGV[2], ARGV[3] -- member: of places
local revoke_ms = tonumber(ARGV[4]) -- how long the token is refused at least; 0: it may connect again
local hold_ms = tonumber(ARGV[5]) -- on a cluster, else 0: there the place is on another node
local now = now_ms()
local lease = read_lease(lease_key)
if revoke_ms > 0 then
  redis.call('HSET', lease_key, 'revoked', 1)
  redis.call('DEL', credential)
  keep_lease(lease_key, lease.kept_until, now + revoke_ms)
end
if not lease.is_there then
  return {'none'}
end

local function answer(kind)
  local found = redis.call('HMGET', lease_key, 'world', 'player', 'start', 'end', 'charged', 'refunded', 'tracked',
    'before', 'asker', 'asking_until')
  local is_over = kind == 'over'
  local must_release = found[9] == op and tonumber(found[10] or 0) > 0
  return {kind, found[1], found[2], found[3], found[4], found[5], is_over and '0' or found[6], found[7] or '',
    is_over and '0' or found[8], must_release and '1' or ''}
end

if redis.call('HGET', lease_key, 'ended') == op then -- asked again
  return answer('ended')
end
if lease['end'] <= now then
  return answer('over')
end
local spent = math.ceil((now - lease.start - lease.idle) / 1000)
local refund = 0
if lease.day == day_of(now) then
  refund = math.max(0, math.min(lease.charged - spent, lease.today))
  if refund > 0 then -- -0 is no integer to Redis 7.0
    redis.call('HINCRBY', usage, 'session_seconds', -refund)
  end
end
redis.call('ZREM', leases, jti)
if places then
  settle_place(places, member, lease['end'], 0)
end
redis.call('HDEL', lease_key, 'undo') -- there is nothing left to take back
redis.call('HSET', lease_key, 'ended', op, 'end', now, 'charged', lease.charged - refund,
  'today', lease.today - refund, 'refunded', refund, 'before', lease['end'])
if hold_ms > 0 and lease.asking_until <= now then -- else the asker gives the place back when it settles
  redis.call('HSET', lease_key, 'asker', op, 'asking_until', now + hold_ms)
  redis.call('HDEL', lease_key, 'ask')
end
keep_lease(lease_key, lease.kept_until, now)
tell_end(lanes, ready, entry, op, jti, lease_key, now)
return answer('ended')
