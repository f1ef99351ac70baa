-- Reads a world; its document only when it is not the revision that the caller has.
-- Answers: nil when there is none, else rev, unconfirmed, doc or '', then the metadata in the order of store.py.
local world = KEYS[1]
local known_rev = ARGV[1] -- or ''

local found = redis.call('HMGET', world, 'rev', 'unconfirmed', 'name', 'description', 'cover',
  'visibility', 'slug', 'created', 'updated')
local rev = found[1]
if not rev then
  return nil
end
table.insert(found, 3, rev == known_rev and '' or redis.call('HGET', world, 'doc'))
return found
