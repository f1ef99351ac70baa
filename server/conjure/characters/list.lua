-- A page of characters, newest first, with their documents: what a list says of one stands in there. `from`: an index
-- member, exclusive, or ''. The key of each world is made from the prefix; it is in the same slot. The page ends early
-- where its documents, as they are stored, are too many bytes.
-- Answers: 1 or 0 (there are more), then for each its index member, its revision, its document (nil when it is longer
-- than the caller takes) and its metadata in the order of worlds/model.py.
local index = KEYS[1]
local from, most, prefix, most_bytes = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local most_of_one = tonumber(ARGV[5]) -- or ''

local start = from == '' and '+' or '(' .. from
local answer = {0}
local bytes = 0
for _, member in ipairs(redis.call('ZREVRANGEBYLEX', index, start, '-', 'LIMIT', 0, most + 1)) do
  if #answer > most then
    answer[1] = 1
    break
  end
  local world = prefix .. id_of_member(member)
  local size = redis.call('HSTRLEN', world, 'doc')
  if bytes > 0 and bytes + size > most_bytes then
    answer[1] = 1
    break
  end
  bytes = bytes + size
  local found = redis.call('HMGET', world, 'rev', 'name', 'description', 'cover', 'visibility', 'slug', 'created',
    'updated')
  local doc = (not most_of_one or size <= most_of_one) and redis.call('HGET', world, 'doc')
  table.insert(found, 2, doc)
  table.insert(found, 1, member)
  answer[#answer + 1] = found
end
return answer
