-- Ends visits: each lane stands in the directory for when it is worth to look again, or no longer.
-- One that was announced meanwhile has another score than the visit gave it: it is looked at then.
local directory = KEYS[1]
local visits = {unpack(ARGV)} -- of each: lane, the score that the visit gave it, delay in ms (-1: it is empty)
local now = now_ms()
for i = 1, #visits, 3 do
  local lane, visited, delay = visits[i], tonumber(visits[i + 1]), tonumber(visits[i + 2])
  local score = tonumber(redis.call('ZSCORE', directory, lane))
  if delay < 0 then
    if score == visited then
      redis.call('ZREM', directory, lane)
    end
  elseif score == visited or not score then
    redis.call('ZADD', directory, now + delay, lane)
  else
    redis.call('ZADD', directory, 'LT', now + delay, lane)
  end
end
return 1
