-- A page of worlds, newest first. KEYS: index, then nothing: a world's key is made from the prefix, in
-- the same slot. ARGV: where to start (an index member, exclusive, or ''), how many, key prefix.
-- Answers: for each world its index member and its metadata in the order of store.py.
local from = ARGV[1] == '' and '+' or '(' .. ARGV[1]
local members = redis.call('ZREVRANGEBYLEX', KEYS[1], from, '-', 'LIMIT', 0, ARGV[2])
local answer = {}
for _, member in ipairs(members) do
  local id = string.sub(member, 15)
  local found = redis.call('HMGET', ARGV[3] .. id, 'name', 'description', 'cover', 'visibility',
    'slug', 'created', 'updated')
  table.insert(found, 1, member)
  answer[#answer + 1] = found
end
return answer
