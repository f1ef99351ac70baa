-- Admits or renews a session in its tenant: slot, seconds and world in one step.
-- KEYS: world, leases, lease, usage, caps.
-- ARGV: jti, player, lease ms, default live cap, default seconds cap, op, final (1: confirm at once),
--       the revision of the world that the caller has, world id.
-- Answers: {'ok', end ms, now ms, rev, doc or ''}, {'gone'}, {'full', ms until a slot is free},
--          or {'minutes'}.
local now = now_ms()
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev then
  return {'gone'}
end
local jti, lease_ms, op = ARGV[1], tonumber(ARGV[3]), ARGV[6]
local day = day_of(now)

local lease = redis.call('HMGET', KEYS[3], 'start', 'end', 'charged', 'op', 'day', 'today', 'ended')
local start, finish, charged = tonumber(lease[1]), tonumber(lease[2]), tonumber(lease[3])
local live = finish and not lease[7] and finish > now

if not (live and lease[4] == op) then -- else: asked again, this admission has happened
  if not live then
    -- Leases whose end has passed do not count; a bounded number of them is swept each time.
    local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)
    if #dead > 0 then
      redis.call('ZREM', KEYS[2], unpack(dead))
    end
    local cap = cap_of(KEYS[5], 'live_sessions', ARGV[4])
    if redis.call('ZCOUNT', KEYS[2], '(' .. now, '+inf') >= cap then
      local first = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return {'full', first[2] and (first[2] - now) or lease_ms}
    end
    start, finish, charged = now, now, 0
    redis.call('DEL', KEYS[3])
  end

  local target = math.max(now + lease_ms, finish)
  local extra = math.floor((target - start) / 1000) - charged -- an instant reload costs nothing
  local left = cap_of(KEYS[5], 'session_seconds', ARGV[5]) - used_of(KEYS[4], 'session_seconds', day)
  if extra > left then
    if not live then
      return {'minutes'}
    end
    -- A reload inside paid time never fails: the lease is prolonged by what is left of the day.
    extra = math.max(left, 0)
    target = math.max(finish, start + (charged + extra) * 1000)
  end
  if extra > 0 then
    roll(KEYS[4], day)
    redis.call('HINCRBY', KEYS[4], 'session_seconds', extra)
  end
  -- What was charged to this day, so that a refund never takes from another day.
  local today = (tonumber(lease[5]) == day and live) and tonumber(lease[6]) or 0
  finish = target
  redis.call('HSET', KEYS[3], 'world', ARGV[9], 'player', ARGV[2], 'start', start, 'end', finish,
    'charged', charged + extra, 'op', op, 'day', day, 'today', today + extra)
  -- `prior`: where a withdrawal of this admission goes back to when it is final at once.
  local prior = redis.call('HGET', KEYS[3], 'confirmed') or 0
  redis.call('HSET', KEYS[3], 'prior', prior, 'final', ARGV[7],
    'confirmed', ARGV[7] == '1' and finish or prior)
  redis.call('PEXPIREAT', KEYS[3], finish + 60000)
  redis.call('ZADD', KEYS[2], finish, jti)
end

local doc = ''
if rev ~= ARGV[8] then
  doc = redis.call('HGET', KEYS[1], 'doc')
end
return {'ok', finish, now, rev, doc}
