-- Admits or renews a session: slot, seconds, world, and its place in the whole system, in one step.
--
-- A lease lasts to the latest end among its admissions, each under its own `op`; a withdrawn admission
-- is taken out of that set (settle.lua). So it does not matter in which order two connects of one
-- token end, nor which of them fails.
--
-- KEYS: world, leases, lease, admissions, usage, caps[, places: not on a cluster, see admit_place.lua].
-- ARGV: jti, player, lease ms, default live cap, default seconds cap, op, the revision of the world that
--       the caller has, world id, member of places, cap of places.
-- Answers: {'ok', end ms, now ms, rev, doc or ''}, {'gone'}, or {'minutes'};
--          {'full', ms until a slot is free, 'tenant' or 'system'}.
local now = now_ms()
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev then
  return {'gone'}
end
local jti, lease_ms, op = ARGV[1], tonumber(ARGV[3]), ARGV[6]
local day = day_of(now)

local lease = redis.call('HMGET', KEYS[3], 'start', 'end', 'charged', 'day', 'today', 'ended')
local start, finish, charged = tonumber(lease[1]), tonumber(lease[2]), tonumber(lease[3])
local live = finish and not lease[6] and finish > now
local admitted = live and redis.call('ZSCORE', KEYS[4], op)

if not admitted then -- else: asked again, this admission has happened
  if not live then
    -- Leases whose end has passed do not count; a bounded number of them is swept each time.
    local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)
    if #dead > 0 then
      redis.call('ZREM', KEYS[2], unpack(dead))
    end
    local cap = cap_of(KEYS[6], 'live_sessions', ARGV[4])
    if redis.call('ZCOUNT', KEYS[2], '(' .. now, '+inf') >= cap then
      local first = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return {'full', first[2] and (first[2] - now) or lease_ms, 'tenant'}
    end
    start, finish, charged = now, now, 0
  end

  local target = math.max(now + lease_ms, finish)
  local extra = math.floor((target - start) / 1000) - charged -- an instant reload costs nothing
  local left = cap_of(KEYS[6], 'session_seconds', ARGV[5]) - used_of(KEYS[5], 'session_seconds', day)
  if extra > left then
    if not live then
      return {'minutes'}
    end
    -- A reload inside paid time never fails: the lease is prolonged by what is left of the day.
    extra = math.max(left, 0)
    target = math.max(finish, start + (charged + extra) * 1000)
  end
  if KEYS[7] then
    local wait = wait_for_place(KEYS[7], ARGV[9], lease_ms, ARGV[10], now)
    if wait > 0 then
      return {'full', wait, 'system'}
    end
    redis.call('ZADD', KEYS[7], target, ARGV[9])
  end
  if extra > 0 then
    roll(KEYS[5], day)
    redis.call('HINCRBY', KEYS[5], 'session_seconds', extra)
  end
  if not live then
    redis.call('DEL', KEYS[3], KEYS[4])
  end
  -- What was charged to this day, so that a refund never takes from another day.
  local today = (live and tonumber(lease[4]) == day) and tonumber(lease[5]) or 0
  finish = target
  redis.call('HSET', KEYS[3], 'world', ARGV[8], 'player', ARGV[2], 'start', start, 'end', finish,
    'charged', charged + extra, 'day', day, 'today', today + extra)
  redis.call('ZADD', KEYS[4], finish, op)
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -65) -- bounded, however often a page is reloaded
  redis.call('PEXPIREAT', KEYS[3], finish + 60000)
  redis.call('PEXPIREAT', KEYS[4], finish + 60000)
  redis.call('ZADD', KEYS[2], finish, jti)
end

local doc = ''
if rev ~= ARGV[7] then
  doc = redis.call('HGET', KEYS[1], 'doc')
end
return {'ok', finish, now, rev, doc}
