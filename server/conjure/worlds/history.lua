-- What has happened to a world since a revision ('' asks for nothing).
-- Answers: nil when there is no world, else rev, updated, then of each change {id, fields}.
local world, changes = KEYS[1], KEYS[2]
local after, most = ARGV[1], ARGV[2]

local found = redis.call('HMGET', world, 'rev', 'updated')
local rev, updated = found[1], found[2]
if not rev then
  return nil
end
local answer = {rev, updated or '0'}
if after ~= '' and after ~= rev then
  local from = '(' .. string.match(after, '^%d+') .. '-0'
  for _, entry in ipairs(redis.call('XRANGE', changes, from, '+', 'COUNT', most)) do
    answer[#answer + 1] = entry
  end
end
return answer
