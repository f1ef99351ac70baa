-- Claims an asset for a world whose document is about to name it. A claim of the tenant itself has done its part.
-- Answers: 1, or 0 when there is no such asset.
local asset, claims = KEYS[1], KEYS[2]
local claim, of_tenant = ARGV[1], ARGV[2]
local found = redis.call('HMGET', asset, 'created', 'deleting')
if not found[1] or found[2] then
  return 0
end
redis.call('HSET', claims, claim, now_ms())
redis.call('HDEL', claims, of_tenant)
return 1
