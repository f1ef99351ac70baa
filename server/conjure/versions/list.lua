-- A page of versions, oldest first. `from`: an index member or the begin of one, exclusive, or ''.
-- Answers: nil when there is no such world; {'unindexed'} or {'stale'} when the index has to be made first
-- (make_index.lua); else HEAD or '', 1 or 0 (there are more), then of each version its index member and its node.
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
for first = 1, #members, 1000 do -- `unpack` has room for some thousands
  local ids = {}
  for at = first, math.min(first + 999, #members) do
    ids[#ids + 1] = version_of_member(members[at])
  end
  for at, node in ipairs(redis.call('HMGET', versions, unpack(ids))) do
    if not node then
      return {'stale'}
    end
    answer[#answer + 1] = members[first + at - 1]
    answer[#answer + 1] = node
  end
end
return answer
