-- In front of every script. The store's clock is the only one that decides anything.

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function day_of(ms)
  return math.floor(ms / 86400000)
end

-- Usage counts of one day: another day's are forgotten when the new day first writes.
local function roll(usage, day)
  if redis.call('HGET', usage, 'day') ~= tostring(day) then
    redis.call('DEL', usage)
    redis.call('HSET', usage, 'day', day)
  end
end

local function used_of(usage, unit, day)
  local found = redis.call('HMGET', usage, 'day', unit)
  if found[1] ~= tostring(day) then
    return 0
  end
  return tonumber(found[2] or 0)
end

-- The highest cap (settings/bounds.py): what is added to it, or counted of it in milliseconds, is exact.
local MOST_UNITS = 1000000000

-- The cap of a unit: that of the app, else the default. An older release let any number in; one beyond the
-- highest is the highest, and what is no number at all stands for nothing.
local function cap_of(caps, unit, default)
  local own = tonumber(redis.call('HGET', caps, unit))
  if not own or own ~= own then
    return tonumber(default)
  end
  return math.max(0, math.min(math.floor(own), MOST_UNITS))
end

-- A row's member of an index: text order is the order of creation (core/paging.py).
local function index_member(created, id)
  return string.format('%013d:%s', created, id)
end

local function id_of_member(member)
  return string.sub(member, 15)
end
