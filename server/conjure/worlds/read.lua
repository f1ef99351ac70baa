-- Reads a world; its document only when it is not the revision that the caller has.
-- Answers: nil when there is none, else rev, unconfirmed, doc or '' (nil when it is longer than the caller takes),
-- then the metadata in the order of store.py.
local world = KEYS[1]
local known_rev, most_bytes = ARGV[1], tonumber(ARGV[2]) -- or ''; or nil

local found = redis.call('HMGET', world, 'rev', 'unconfirmed', 'name', 'description', 'cover',
  'visibility', 'slug', 'created', 'updated')
local rev = found[1]
if not rev then
  return nil
end
local doc = ''
if rev ~= known_rev then
  doc = (not most_bytes or redis.call('HSTRLEN', world, 'doc') <= most_bytes) and redis.call('HGET', world, 'doc')
end
table.insert(found, 3, doc)
return found
