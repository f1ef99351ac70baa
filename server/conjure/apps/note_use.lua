-- Notes when keys of an app were last used. ARGV: id and ms of each. A time never goes back, is never later than
-- the store's own, and is of a key that is there.
local keys, use = KEYS[1], KEYS[2]
local now = now_ms()

local id
for i, value in ipairs(ARGV) do
  if i % 2 == 1 then
    id = value
  elseif redis.call('HEXISTS', keys, id) == 1 then
    local used = math.min(tonumber(value), now)
    if used > tonumber(redis.call('HGET', use, id) or 0) then
      redis.call('HSET', use, id, string.format('%d', used))
    end
  end
end
return 1
