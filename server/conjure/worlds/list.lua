-- A page of worlds, newest first. `from`: an index member, exclusive, or ''. The key of each world is made from
-- the prefix; it is in the same slot. The page ends early where its texts are too many.
-- Answers: 1 or 0 (there are more), then for each world its index member and its metadata in the order
-- of store.py.
local index = KEYS[1]
local from, most, prefix, most_bytes = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local start = from == '' and '+' or '(' .. from
local answer = {0}
local bytes = 0
for _, member in ipairs(redis.call('ZREVRANGEBYLEX', index, start, '-', 'LIMIT', 0, most + 1)) do
  if #answer > most or bytes > most_bytes then
    answer[1] = 1
    break
  end
  local found = redis.call('HMGET', prefix .. id_of_member(member), 'name', 'description', 'cover',
    'visibility', 'slug', 'created', 'updated')
  local description, cover = found[2] or '', found[3] or ''
  bytes = bytes + #description + #cover
  table.insert(found, 1, member)
  answer[#answer + 1] = found
end
return answer
