-- Ends a claim. Does nothing when it is lost, also when it was ended already.
-- Answers: ms until the next entry of the lane is due, 0 when one is, -1 when there is none.
local lanes, ready, claimed, entry, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local action = ARGV[1] -- ack, retry, back (the attempt does not count), bury
local kind, lane, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local delay_ms = tonumber(ARGV[6])
local cause = ARGV[7]
local kept_ms = ARGV[8] -- how long dead letters are kept
local now = now_ms()

if queue_is_claimed(entry, token) then
  if action == 'ack' then
    queue_remove(lanes, ready, claimed, entry, kind, lane, id)
  else
    redis.call('ZREM', claimed, id)
    redis.call('ZREM', ready, id) -- where it is when the claim lapsed, and nobody has claimed it since
    redis.call('HDEL', entry, 'token')
    if cause ~= '' then
      redis.call('HSET', entry, 'cause', cause)
    end
    if action == 'bury' then
      redis.call('PEXPIRE', entry, kept_ms)
      redis.call('ZREMRANGEBYSCORE', dead, '-inf', now - kept_ms)
      redis.call('ZADD', dead, now, id)
      redis.call('PEXPIRE', dead, kept_ms)
      redis.call('SADD', lanes, 'dead:' .. kind)
      queue_tidy(lanes, ready, claimed, kind, lane)
    else
      redis.call('ZADD', ready, now + delay_ms, id)
      if action == 'back' then
        redis.call('HINCRBY', entry, 'attempts', -1)
      end
    end
  end
end
local first = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')
return first[2] and math.max(0, tonumber(first[2]) - now) or -1
