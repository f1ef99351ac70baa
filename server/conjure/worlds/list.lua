-- A page of worlds, newest first. KEYS: index; a world's key is made from the prefix, in the same slot.
-- ARGV: where to start (an index member, exclusive, or ''), how many at most, key prefix, how many bytes.
-- Answers: 1 or 0 (there are more), then for each world its index member and its metadata in the order
-- of store.py.
local from = ARGV[1] == '' and '+' or '(' .. ARGV[1]
local members = redis.call('ZREVRANGEBYLEX', KEYS[1], from, '-', 'LIMIT', 0, ARGV[2] + 1)
local answer = {0}
local bytes = 0
for _, member in ipairs(members) do
  if #answer > tonumber(ARGV[2]) or bytes > tonumber(ARGV[4]) then
    answer[1] = 1
    break
  end
  local found = redis.call('HMGET', ARGV[3] .. id_of_member(member), 'name', 'description', 'cover',
    'visibility', 'slug', 'created', 'updated')
  bytes = bytes + #(found[2] or '') + #(found[3] or '')
  table.insert(found, 1, member)
  answer[#answer + 1] = found
end
return answer
