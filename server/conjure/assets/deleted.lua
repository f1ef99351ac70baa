-- Forgets an asset whose object is gone, if it still is being deleted since then.
local asset = KEYS[1]
local since = ARGV[1]
if redis.call('HGET', asset, 'deleting') ~= since then
  return 0
end
redis.call('DEL', asset)
return 1
