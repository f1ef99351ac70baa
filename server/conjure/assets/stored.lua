-- Notes that the object of an asset is there. Answers: 1, or 0 when the asset has been given up meanwhile.
local asset = KEYS[1]
local found = redis.call('HMGET', asset, 'created', 'deleting')
if not found[1] or found[2] then
  return 0
end
redis.call('HSET', asset, 'stored', 1)
return 1
