-- Claims entries of a lane: those that are due, the one that is due longest first.
-- Answers: {ms until it is worth to look again, -1: the lane is empty,
--           {id, payload, attempts, created ms, token} of each}.
local lanes, ready, claimed = KEYS[1], KEYS[2], KEYS[3]
local entry_prefix, kind, lane = ARGV[1], ARGV[2], ARGV[3]
local want, most_in_lane, lease_ms = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local claim = ARGV[7] -- the name of this claim; asked again under it, the same entries are answered
local now = now_ms()

-- A process that died, or lost the store for long: what it had is due again.
local lapsed = redis.call('ZRANGEBYSCORE', claimed, '-inf', now, 'LIMIT', 0, 100)
for _, id in ipairs(lapsed) do
  redis.call('ZREM', claimed, id)
  redis.call('ZADD', ready, now, id)
end

local answer = {-1}
local function add(id, found, attempts)
  answer[#answer + 1] = {id, found[1], attempts, found[3], found[4]}
end

for _, id in ipairs(redis.call('ZRANGE', claimed, 0, -1)) do
  local found = redis.call('HMGET', entry_prefix .. id, 'payload', 'attempts', 'created', 'token')
  if found[4] == claim .. ':' .. id then -- the answer to the first time was lost
    add(id, found, tonumber(found[2]))
  end
end

local room = math.min(want - (#answer - 1), most_in_lane - redis.call('ZCARD', claimed))
if room > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, room)) do
    redis.call('ZREM', ready, id)
    local entry = entry_prefix .. id
    local found = redis.call('HMGET', entry, 'payload', 'attempts', 'created')
    if found[1] then -- else its record was lost, and there is nothing to do
      local attempts = redis.call('HINCRBY', entry, 'attempts', 1)
      found[4] = claim .. ':' .. id
      redis.call('HSET', entry, 'token', found[4])
      redis.call('ZADD', claimed, now + lease_ms, id)
      add(id, found, attempts)
    end
  end
end

local lapses = tonumber(redis.call('ZRANGE', claimed, 0, 0, 'WITHSCORES')[2])
local due = tonumber(redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')[2])
local next_ms = lapses
if due and redis.call('ZCARD', claimed) < most_in_lane then
  next_ms = math.min(lapses or math.huge, math.max(now, due))
elseif due and not lapses then -- nothing may be claimed of it now: the handler said so
  next_ms = math.max(now + 1000, due)
end
if next_ms then
  answer[1] = math.max(0, math.ceil(next_ms - now))
else
  queue_tidy(lanes, ready, claimed, kind, lane)
end
return answer
