-- Admits or renews a session: slot, seconds, world, and its place in the whole system, in one step.
--
-- A lease lasts to the latest end among its admissions, each under its own `op`; a withdrawn admission
-- is taken out of that set (withdraw.lua). So it does not matter in which order two connects of one
-- token end, nor which of them fails.
--
-- Answers: {'ok', end ms, now ms, rev, doc or ''}, {'gone'}, or {'minutes'};
--          {'full', ms until a slot is free, 'tenant' or 'system'}.
local world, leases, lease_key, admissions = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local usage, caps = KEYS[5], KEYS[6]
local places = KEYS[7] -- not on a cluster: see admit_place.lua
local jti, player, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local default_live_cap, default_seconds_cap = ARGV[4], ARGV[5]
local op = ARGV[6]
local known_rev = ARGV[7] -- the revision of the world that the caller has
local world_id = ARGV[8]
local member, places_cap = ARGV[9], ARGV[10]
local now = now_ms()
local rev = redis.call('HGET', world, 'rev')
if not rev then
  return {'gone'}
end
local day = day_of(now)

local lease = redis.call('HMGET', lease_key, 'start', 'end', 'charged', 'day', 'today', 'ended')
local start, finish, charged = tonumber(lease[1]), tonumber(lease[2]), tonumber(lease[3])
local live = finish and not lease[6] and finish > now
local admitted = live and redis.call('ZSCORE', admissions, op)

if not admitted then -- else: asked again, this admission has happened
  if not live then
    -- Leases whose end has passed do not count; a bounded number of them is swept each time.
    local dead = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 100)
    if #dead > 0 then
      redis.call('ZREM', leases, unpack(dead))
    end
    local cap = cap_of(caps, 'live_sessions', default_live_cap)
    if redis.call('ZCOUNT', leases, '(' .. now, '+inf') >= cap then
      local first = redis.call('ZRANGEBYSCORE', leases, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return {'full', first[2] and (first[2] - now) or lease_ms, 'tenant'}
    end
    start, finish, charged = now, now, 0
  end

  local target = math.max(now + lease_ms, finish)
  local extra = math.floor((target - start) / 1000) - charged -- an instant reload costs nothing
  local left = cap_of(caps, 'session_seconds', default_seconds_cap) - used_of(usage, 'session_seconds', day)
  if extra > left then
    if not live then
      return {'minutes'}
    end
    -- A reload inside paid time never fails: the lease is prolonged by what is left of the day.
    extra = math.max(left, 0)
    target = math.max(finish, start + (charged + extra) * 1000)
  end
  if places then
    local wait = wait_for_place(places, member, lease_ms, places_cap, now)
    if wait > 0 then
      return {'full', wait, 'system'}
    end
    redis.call('ZADD', places, target, member)
  end
  if extra > 0 then
    roll(usage, day)
    redis.call('HINCRBY', usage, 'session_seconds', extra)
  end
  if not live then
    redis.call('DEL', lease_key, admissions)
  end
  -- What was charged to this day, so that a refund never takes from another day.
  local today = (live and tonumber(lease[4]) == day) and tonumber(lease[5]) or 0
  finish = target
  redis.call('HSET', lease_key, 'world', world_id, 'player', player, 'start', start, 'end', finish,
    'charged', charged + extra, 'day', day, 'today', today + extra)
  redis.call('ZADD', admissions, finish, op)
  redis.call('ZREMRANGEBYRANK', admissions, 0, -65) -- bounded, however often a page is reloaded
  redis.call('PEXPIREAT', lease_key, finish + 60000)
  redis.call('PEXPIREAT', admissions, finish + 60000)
  redis.call('ZADD', leases, finish, jti)
end

local doc = ''
if rev ~= known_rev then
  doc = redis.call('HGET', world, 'doc')
end
return {'ok', finish, now, rev, doc}
