-- A page of a user's apps, newest first. `from`: an index member, exclusive, or ''.
-- Answers: 1 or 0 (there are more), then for each app its index member, its row, and 1 if a step of it is open.
local apps, rows, steps = KEYS[1], KEYS[2], KEYS[3]
local from, most = ARGV[1], tonumber(ARGV[2])

local start = from == '' and '+' or '(' .. from
local answer = {0}
for _, member in ipairs(redis.call('ZREVRANGEBYLEX', apps, start, '-', 'LIMIT', 0, most + 1)) do
  if #answer > most then
    answer[1] = 1
    break
  end
  local id = id_of_member(member)
  answer[#answer + 1] = {member, redis.call('HGET', rows, id), redis.call('HEXISTS', steps, id)}
end
return answer
