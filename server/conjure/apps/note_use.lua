-- Notes when keys of an app were last used. ARGV: id and ms of each. A time never goes back, is never later than
-- the store's own, and is of a key that is there.
local keys, use = KEYS[1], KEYS[2]
local now = now_ms()

for at = 1, #ARGV, 2 do
  local id, used = ARGV[at], math.min(tonumber(ARGV[at + 1]), now)
  if redis.call('HEXISTS', keys, id) == 1 and used > tonumber(redis.call('HGET', use, id) or 0) then
    redis.call('HSET', use, id, string.format('%d', used))
  end
end
return 1
