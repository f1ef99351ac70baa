-- Says when to look at an asset again, or (-1) never; unless somebody has said so since it was looked up.
local due = KEYS[1]
local asset, seen, next_ms = ARGV[1], ARGV[2], ARGV[3]
if tonumber(redis.call('ZSCORE', due, asset) or -1) ~= tonumber(seen) then
  return 0
end
if next_ms == '-1' then
  redis.call('ZREM', due, asset)
else
  redis.call('ZADD', due, next_ms, asset)
end
return 1
