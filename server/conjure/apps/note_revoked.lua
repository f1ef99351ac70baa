-- Notes that keys of an app are revoked, so that they count no more, and forgets those that were revoked first
-- when there are more than `most`. ARGV: most, then id and ms of each. Repeating it does no harm.
-- Answers: the SHA-256 of each key that is forgotten.
local keys, rows, revoked, use, steps = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local most = tonumber(ARGV[1])

local revoked_id
for i, value in ipairs(ARGV) do
  if i % 2 == 0 then
    revoked_id = value
  elseif i > 1 and redis.call('HEXISTS', keys, revoked_id) == 1 then
    redis.call('ZADD', revoked, 'NX', value, revoked_id)
    redis.call('HDEL', steps, 'revoked:' .. revoked_id)
  end
end
local answer = {}
local beyond = redis.call('ZCARD', revoked) - most
if beyond > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', revoked, '-inf', '+inf', 'LIMIT', 0, beyond)) do
    answer[#answer + 1] = redis.call('HGET', keys, id)
    redis.call('HDEL', keys, id)
    redis.call('HDEL', rows, id)
    redis.call('HDEL', use, id)
    redis.call('ZREM', revoked, id)
  end
end
return answer
