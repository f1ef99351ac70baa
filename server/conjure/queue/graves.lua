-- Counts the dead letters of a kind, once those that have lapsed are forgotten: the oldest first, as they lapse.
local lanes, dead = KEYS[1], KEYS[2]
local kind, entry_prefix = ARGV[1], ARGV[2]
for _, id in ipairs(redis.call('ZRANGE', dead, 0, 499)) do
  if redis.call('EXISTS', entry_prefix .. id) == 1 then
    break
  end
  redis.call('ZREM', dead, id)
end
local count = redis.call('ZCARD', dead)
if count == 0 then
  redis.call('SREM', lanes, 'dead:' .. kind)
end
return count
