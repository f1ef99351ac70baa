-- On a cluster, where tenant and system are on different nodes: takes or keeps a place in the system.
-- KEYS: places. ARGV: member, lease ms, cap. Answers: {1, end ms}, or {0, ms until a place is free}.
local now = now_ms()
local wait = wait_for_place(KEYS[1], ARGV[1], ARGV[2], ARGV[3], now)
if wait > 0 then
  return {0, wait}
end
local finish = math.max(tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0), now + ARGV[2])
redis.call('ZADD', KEYS[1], finish, ARGV[1])
return {1, finish}
