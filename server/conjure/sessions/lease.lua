-- The record of a token's session, in front of the scripts that read or change it (leases.py says why it is so).
--
-- start          ms of the first admission; none: never connected
-- end            ms at which the lease ends; live while that is in the future
-- idle           ms since `start` that nobody could play: they cost nothing
-- charged        seconds charged, all of the token's sessions together
-- day, today     the day of the last charge, and what was charged to it: a refund never takes from another
-- from, to, exp  ms: the newest credential's life as it counts here, and when the runtime ends it
-- prior          ms at which the credential before that ends
-- asker          op of the admission that made the last change
-- asking_until   ms until which the asker may settle; 0: it has
-- ask            what the asker was answered: from, to, is_fresh
-- undo           what the asker's withdrawal goes back to; a + at its end: to a session that was live
-- failed, cause  op of the last asker that was refused, and by what
-- ended, before, refunded   op of the last end, the end (ms) before it, and the seconds it gave back
-- revoked        1: no connect any more
-- kept_until     ms until which the token can end its session: the record is kept so long
-- world, player, tracked    what is listed
--
-- Beside it `leases`, a sorted set: `jti` to `end`, for as long as the end of the session has not been told. Whoever
-- takes a session out of it, because it has ended, puts the event in the same script (tell.lua).

local LEASE = {'start', 'end', 'idle', 'charged', 'day', 'today', 'from', 'to', 'exp', 'prior',
  'asking_until', 'kept_until', 'asker', 'ask', 'undo', 'failed', 'cause', 'revoked'}
local LEASE_NUMBERS = 12 -- so many of them; what is missing is 0

local SLACK_MS = 60000

local function read_lease(lease_key)
  local found = redis.call('HMGET', lease_key, unpack(LEASE))
  local lease = {is_there = found[1] and true}
  for i = 1, #LEASE do
    lease[LEASE[i]] = i <= LEASE_NUMBERS and tonumber(found[i] or 0) or found[i]
  end
  return lease
end

-- Lets the record lapse when neither the token nor a lease that ends at `finish` needs it any more.
local function keep_lease(lease_key, kept_until, finish)
  redis.call('PEXPIREAT', lease_key, math.max(kept_until, finish) + SLACK_MS)
end

-- What a session that lasts until `finish` has cost, in whole seconds.
local function cost_until(lease, finish)
  return math.floor((finish - lease.start - lease.idle) / 1000)
end

local function undo_of(lease, live)
  if not lease.is_there then
    return 'none'
  end
  -- In ms since the start: up to 64 bytes a hash stays small in the store's memory.
  local undo = {lease.idle, lease.charged}
  for _, name in ipairs({'end', 'from', 'to', 'exp', 'prior'}) do
    undo[#undo + 1] = lease[name] > 0 and lease[name] - lease.start + 1 or 0
  end
  return table.concat(undo, ':') .. (live and '+' or '')
end

-- Whether the session was live before the asker's admission: then its end is still to be told.
local function was_live(lease)
  return string.sub(lease.undo or '', -1) == '+'
end

-- The ms at which the lease ends when the asker's admission is taken back, which may have passed since; 0: there is
-- none then.
local function end_before(lease, now)
  local finish = tonumber(string.match(lease.undo or '', '^%d+:%d+:(%d+)') or 0)
  finish = finish > 0 and lease.start + finish - 1 or 0
  return (finish > now or was_live(lease)) and finish or 0
end

-- Takes the asker's admission back: slot, seconds and place are as they were before it.
-- Returns the end (ms) that the lease has now; 0 when there is none whose end is still to be told.
local function take_back(lease, leases, lease_key, usage, jti, now)
  redis.call('HSET', lease_key, 'asking_until', 0)
  redis.call('HDEL', lease_key, 'undo', 'ask')
  if not lease.undo then -- it was ended meanwhile
    return 0
  end
  local was_there = lease.undo ~= 'none'
  local old = {}
  for number in string.gmatch(lease.undo, '%d+') do
    number = tonumber(number)
    old[#old + 1] = #old > 1 and number > 0 and number + lease.start - 1 or number
  end
  local charged = was_there and old[2] or 0
  local back = math.min(math.max(0, lease.charged - charged), lease.today)
  if back > 0 and lease.day == day_of(now) then
    redis.call('HINCRBY', usage, 'session_seconds', -back)
    redis.call('HINCRBY', lease_key, 'today', -back)
  end
  local finish = was_there and old[3] or 0
  if was_there then
    redis.call('HSET', lease_key, 'end', finish, 'idle', old[1], 'charged', charged,
      'from', old[4], 'to', old[5], 'exp', old[6], 'prior', old[7])
  elseif lease.revoked then
    redis.call('HDEL', lease_key, 'start', 'end', 'charged', 'today')
  else
    redis.call('DEL', lease_key)
  end
  if finish > now or was_live(lease) then
    redis.call('ZADD', leases, finish, jti)
    return finish
  end
  redis.call('ZREM', leases, jti)
  return 0
end
