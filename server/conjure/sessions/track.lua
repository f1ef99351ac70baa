-- Binds the runtime's own id of a session to a live lease. Answers: 1, or 0 when there is none.
local lease_key, tracked = KEYS[1], ARGV[1]
if tonumber(redis.call('HGET', lease_key, 'end') or 0) <= now_ms() then
  return 0
end
redis.call('HSET', lease_key, 'tracked', tracked)
return 1
