-- Lanes have work: they are looked at no later than after their delay.
local directory = KEYS[1]
local now = now_ms()
for i = 1, #ARGV, 2 do
  redis.call('ZADD', directory, 'LT', now + tonumber(ARGV[i + 1]), ARGV[i]) -- lane, delay in ms
end
return 1
