-- A page of versions, oldest first. `from`: an index member or the begin of one, exclusive, or ''.
-- Answers: nil when there is no such world; {'unindexed'} when the index has to be made first (make_index.lua);
-- else HEAD or '', 1 or 0 (there are more), then of each version its index member and its node.
local world, versions, index = KEYS[1], KEYS[2], KEYS[3]
local from, most = ARGV[1], tonumber(ARGV[2])

if redis.call('EXISTS', world) == 0 then
  return nil
end
if not is_indexed(versions, index) then
  return {'unindexed'}
end
local start = from == '' and '-' or '(' .. from
local answer = {redis.call('HGET', world, 'head') or '', 0}
local members = redis.call('ZRANGEBYLEX', index, start, '+', 'LIMIT', 0, most + 1)
if #members > most then
  answer[2] = 1
  members[#members] = nil
end
for _, member in ipairs(members) do
  local node = redis.call('HGET', versions, version_of_member(member))
  if not node then
    return {'unindexed'}
  end
  answer[#answer + 1] = member
  answer[#answer + 1] = node
end
return answer
