-- Makes dead letters due again, as if for the first time, or drops them.
-- Answers: {how many, how many are left}.
local lanes, dead = KEYS[1], KEYS[2]
local action, kind, entry_prefix, lane_prefix, lane_suffix = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local wanted, most = ARGV[6], tonumber(ARGV[7]) -- an entry's id, '' for the oldest, so many of them
local ids = wanted ~= '' and {wanted} or redis.call('ZRANGE', dead, 0, most - 1)
local count = 0
for _, id in ipairs(ids) do
  if redis.call('ZREM', dead, id) == 1 then
    local entry = entry_prefix .. id
    local lane = redis.call('HGET', entry, 'lane')
    if lane then -- else it has lapsed
      count = count + 1
    end
    if action == 'retry' and lane then
      redis.call('HSET', entry, 'attempts', 0)
      redis.call('HDEL', entry, 'cause')
      redis.call('PERSIST', entry)
      redis.call('ZADD', lane_prefix .. lane .. lane_suffix, now_ms(), id)
      redis.call('SADD', lanes, kind .. ':' .. lane)
    else
      redis.call('DEL', entry)
    end
  end
end
local left = redis.call('ZCARD', dead)
if left == 0 then
  redis.call('SREM', lanes, 'dead:' .. kind)
end
return {count, left}
