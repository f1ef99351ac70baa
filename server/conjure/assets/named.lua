-- Whether a document of a world names an asset. Answers: 'named', 'free', 'gone' (there is no such world), or
-- 'uncounted' (an earlier release has changed it, so that nobody knows).
local world, version_counts, names, counts, pictures = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local asset = ARGV[1]
local found = redis.call('HMGET', world, 'rev', 'named')
if not found[1] then
  redis.call('UNLINK', names, counts, pictures) -- an earlier release that deletes a world does not know them
  return 'gone'
end
if redis.call('HEXISTS', counts, asset) == 1 then
  return 'named'
end
local versions = redis.call('HGET', version_counts, 'seq') or '0'
if found[2] ~= found[1] or versions ~= (redis.call('HGET', counts, 'seq') or '0') then
  return 'uncounted'
end
return 'free'
