-- Ends a claim. Does nothing when it is lost, also when it was ended already.
-- Answers: ms until the next entry of the lane is due, 0 when one is, -1 when there is none.
local lanes, ready, claimed, entry, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local action = ARGV[1] -- ack, retry, back (the attempt does not count), bury
local kind, lane, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local delay_ms = tonumber(ARGV[6])
local cause = ARGV[7]
local kept_ms, most_dead = ARGV[8], tonumber(ARGV[9]) -- how long dead letters are kept, and how many
local entry_prefix = ARGV[10]
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
      local surplus = redis.call('ZCARD', dead) - most_dead
      if surplus > 0 then -- the oldest go; some at a time, as the bound may have been lowered
        for _, old in ipairs(redis.call('ZRANGE', dead, 0, math.min(surplus, 100) - 1)) do
          redis.call('ZREM', dead, old)
          redis.call('DEL', entry_prefix .. old)
        end
      end
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
