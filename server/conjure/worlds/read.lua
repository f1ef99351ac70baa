-- Reads a world; its document only when it is not the revision that the caller has.
-- KEYS: world. ARGV: the revision that the caller has, or ''.
-- Answers: nil when there is none, else rev, doc or '', then the metadata in the order of store.py.
local found = redis.call('HMGET', KEYS[1], 'rev', 'name', 'description', 'cover', 'visibility',
  'slug', 'created', 'updated')
if not found[1] then
  return nil
end
local doc = ''
if found[1] ~= ARGV[1] then
  doc = redis.call('HGET', KEYS[1], 'doc')
end
table.insert(found, 2, doc)
return found
