-- Takes or keeps a place in the whole system. KEYS: all leases. ARGV: member, lease ms, cap.
-- Answers: {1}, or {0, ms until a place is free}.
local now = now_ms()
local finish = now + ARGV[2]
local mine = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
if mine <= now then
  local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
  if #dead > 0 then
    redis.call('ZREM', KEYS[1], unpack(dead))
  end
  if redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf') >= tonumber(ARGV[3]) then
    local first = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return {0, first[2] and (first[2] - now) or ARGV[2]}
  end
end
redis.call('ZADD', KEYS[1], math.max(mine, finish), ARGV[1])
return {1}
