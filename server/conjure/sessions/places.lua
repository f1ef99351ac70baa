-- The places of the whole system: a sorted set of `app:mode:jti` to the ms at which each ends. In front of
-- the scripts that take or give up a place. One whose end has passed does not count; it stays until the end of
-- its session is told, as it is found by it (follow.lua).

-- Returns 0 when a place is there (or is mine already), else the ms until one is free.
local function wait_for_place(places, member, lease_ms, cap, now)
  if tonumber(redis.call('ZSCORE', places, member) or 0) > now then
    return 0
  end
  if redis.call('ZCOUNT', places, '(' .. now, '+inf') < tonumber(cap) then
    return 0
  end
  local first = redis.call('ZRANGEBYSCORE', places, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return first[2] and math.max(1, first[2] - now) or tonumber(lease_ms)
end

-- Follows a lease that ended or was shortened to `finish` (0: there is none any more). A place that a
-- later admission of the same token has taken is not touched: it ends later than `settled`.
local function settle_place(places, member, settled, finish)
  local place = tonumber(redis.call('ZSCORE', places, member) or 0)
  if place == 0 or place > settled then
    return
  end
  if finish > 0 then
    redis.call('ZADD', places, finish, member)
  else
    redis.call('ZREM', places, member)
  end
end
