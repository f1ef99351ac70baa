-- Lanes have work: they are looked at no later than after their delay.
local directory = KEYS[1]
local lanes = {unpack(ARGV)} -- each with its delay in ms
local now = now_ms()
for i = 1, #lanes, 2 do
  local lane, due = lanes[i], now + tonumber(lanes[i + 1])
  local score = tonumber(redis.call('ZSCORE', directory, lane))
  -- One that is looked at before that anyway may be on a visit, which has looked at the work already: with
  -- another score than the visit's, it stays in the directory when that ends (settle.lua).
  if score and score > now and score <= due then
    due = score - 1
  end
  redis.call('ZADD', directory, 'LT', due, lane)
end
return 1
