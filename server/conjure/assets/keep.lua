-- Begins to keep an asset for a tenant, which gets a claim on it.
-- Answers: 'there' (nothing has to be stored), 'store', or 'deleting' (try again in a moment).
local asset, claims = KEYS[1], KEYS[2]
local claim, extension, bytes, abandoned_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local now = now_ms()

local found = redis.call('HMGET', asset, 'stored', 'deleting')
local stored, deleting = found[1], found[2]
if deleting and now - deleting < abandoned_ms then
  return 'deleting'
end
if deleting then -- whoever removes it has died: perhaps the object is there, perhaps not
  redis.call('HDEL', asset, 'deleting', 'stored')
  stored = nil
end
redis.call('HSET', asset, 'ext', extension, 'bytes', bytes)
redis.call('HSETNX', asset, 'created', now)
redis.call('HSET', claims, claim, now)
return stored and 'there' or 'store'
