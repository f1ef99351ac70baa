-- Prolongs a claim. Answers: 1, or 0 when it is lost.
local ready, claimed, entry = KEYS[1], KEYS[2], KEYS[3]
local id, token, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not queue_is_claimed(entry, token) then
  return 0
end
redis.call('ZREM', ready, id) -- where it is when the claim lapsed, as in a long outage, and nobody has claimed it since
redis.call('ZADD', claimed, now_ms() + lease_ms, id)
return 1
