-- On a cluster, where tenant and system are on different nodes: takes or keeps a place in the system.
-- Answers: {1, end ms}, or {0, ms until a place is free}.
local places = KEYS[1]
local member, lease_ms, cap = ARGV[1], ARGV[2], ARGV[3]
local now = now_ms()
local wait = wait_for_place(places, member, lease_ms, cap, now)
if wait > 0 then
  return {0, wait}
end
local finish = math.max(tonumber(redis.call('ZSCORE', places, member) or 0), now + lease_ms)
redis.call('ZADD', places, finish, member)
return {1, finish}
