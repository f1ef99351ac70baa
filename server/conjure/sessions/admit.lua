-- Answers a connect: the credential that the token holds, or an admission to a slot, seconds and a place in
-- the whole system, in one step. Who may ask the runtime for a credential is decided here (leases.py).
--
-- Answers: {'ok', …}    all is done;
--          {'ask', …}   the caller is the asker: it has to settle (settle.lua) or withdraw, within `hold_ms`;
--              … is: from ms, to ms, is_fresh, has_charged, now ms, rev, doc or '', credential or '', and the end
--              (ms) that the lease would have without this admission, 0: there would be none
--          {'wait', asker, ms}   another admission of this token is not settled yet;
--          {'failed', cause}     the one that was waited for was refused;
--          {'lapsed'}            the token's session has run out, and its end is not told yet: that first (lapse.lua);
--          {'gone'}, {'revoked'}, {'minutes'}, or {'full', ms until a slot is free, 'tenant' or 'system'}.
local world, leases, lease_key, credential = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local usage, caps = KEYS[5], KEYS[6]
local places = KEYS[7] -- not on a cluster: see admit_place.lua
local jti, player, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local default_live_cap, default_seconds_cap = ARGV[4], ARGV[5]
local op = ARGV[6]
local known_rev = ARGV[7] -- the revision of the world that the caller has
local world_id = ARGV[8]
local member, places_cap = ARGV[9], ARGV[10]
local kept_until = tonumber(ARGV[11]) -- ms until which the token can end its session
local hold_ms = tonumber(ARGV[12]) -- how long the asker may take; 0: there is nothing to ask
local is_stored = ARGV[13] == '1' -- credentials are stored; else they are made again from their times
local waited_for = ARGV[14] -- the asker that the caller has waited for, or ''

local now = now_ms()
local rev = redis.call('HGET', world, 'rev')
if not rev then
  return {'gone'}
end
local lease = read_lease(lease_key)
if lease.revoked then
  return {'revoked'}
end

local function answer(kind, from, to, is_fresh, has_charged, kept)
  local doc = ''
  if rev ~= known_rev then
    doc = redis.call('HGET', world, 'doc')
  end
  return {kind, from, to, is_fresh, has_charged, now, rev, doc, kept or '', end_before(lease, now)}
end

if lease.asking_until > now then
  if lease.asker ~= op then
    return {'wait', lease.asker, lease.asking_until - now}
  end
  local from, to, is_fresh = string.match(lease.ask or '', '(%d+):(%d+):(%d+)')
  if from then -- asked again, this admission has happened
    return answer('ask', tonumber(from), tonumber(to), tonumber(is_fresh), 1, redis.call('GET', credential))
  end
end
if waited_for ~= '' and lease.failed == waited_for then
  return {'failed', lease.cause}
end
if lease.asking_until > 0 then -- the asker never came back: nobody has what it asked for
  local finish = take_back(lease, leases, lease_key, usage, jti, now)
  if places and lease.undo then
    settle_place(places, member, lease['end'], finish)
  end
  lease = read_lease(lease_key)
end

local live = lease['end'] > now
if lease.is_there and not live and redis.call('ZSCORE', leases, jti) then
  return {'lapsed'}
end
local kept = is_stored and lease.to > now and redis.call('GET', credential)
local is_good = lease.to > now and (kept or not is_stored)
local are_two = lease.exp > now and lease.prior > now -- never a third
local is_enough = 3 * (lease.to - now) > lease.to - lease.from
local reuses = is_good and (is_enough or are_two)
if are_two and not is_good then
  return {'failed', 'runtime'}
end

local function again()
  if lease.undo and lease.asker ~= op then
    redis.call('HDEL', lease_key, 'undo') -- somebody else plays by that admission: it stays
  end
  return answer('ok', lease.from, lease.to, 0, 0, kept)
end

if live and reuses then
  return again()
end

if not live then
  -- Leases whose end has passed do not count. They stay until their end is told.
  local cap = cap_of(caps, 'live_sessions', default_live_cap)
  if redis.call('ZCOUNT', leases, '(' .. now, '+inf') >= cap then
    local first = redis.call('ZRANGEBYSCORE', leases, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return {'full', first[2] and (first[2] - now) or lease_ms, 'tenant'}
  end
end

local undo = undo_of(lease, live)
if not lease.is_there then
  lease.start = now
elseif not live then
  -- A credential could be played until its own end, also after the session's: that time is paid now.
  lease.idle = lease.idle + math.max(0, now - math.max(lease['end'], lease.to))
end
local target = reuses and lease.to or math.max(now + lease_ms, lease['end'])
local extra = math.max(0, cost_until(lease, target) - lease.charged)
local day = day_of(now)
local left = cap_of(caps, 'session_seconds', default_seconds_cap) - used_of(usage, 'session_seconds', day)
if extra > left then
  if not live then
    return {'minutes'}
  end
  -- A reload inside paid time never fails: the lease is prolonged by what is left of the day.
  extra = math.max(left, 0)
  target = math.max(lease['end'], lease.start + lease.idle + (lease.charged + extra) * 1000)
end
if live and is_good and target - lease.to < 1000 then -- another credential would last no longer
  return again()
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
local today = lease.day == day and lease.today or 0
local from, to = now, target
if reuses then
  from, to = lease.from, lease.to
end
local is_fresh = reuses and 0 or 1
local prior = lease.exp > now and math.max(lease.exp, lease.prior) or lease.prior
-- One write, and of a new record no zeros, which is what a member that is missing stands for: the append-only file
-- holds what scripts write, and a store that was killed does all of it again, a microsecond a member.
local members = {'world', world_id, 'player', player, 'start', lease.start, 'end', target,
  'charged', lease.charged + extra, 'day', day, 'today', today + extra, 'kept_until', kept_until, 'asker', op,
  'undo', undo}
local function set(name, value)
  if lease.is_there or value ~= 0 then
    members[#members + 1] = name
    members[#members + 1] = value
  end
end
set('idle', lease.idle)
if hold_ms > 0 then
  set('asking_until', now + hold_ms)
  set('ask', from .. ':' .. to .. ':' .. is_fresh)
elseif not reuses then
  set('from', from)
  set('to', to)
  set('exp', to)
  set('prior', prior)
end
redis.call('HSET', lease_key, unpack(members))
lease.undo = undo
redis.call('HDEL', lease_key, 'failed', 'cause')
if not live then
  redis.call('HDEL', lease_key, 'tracked')
end
redis.call('ZADD', leases, target, jti)
keep_lease(lease_key, kept_until, target)
return answer(hold_ms > 0 and 'ask' or 'ok', from, to, is_fresh, 1, kept)
