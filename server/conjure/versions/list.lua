-- All versions.
-- Answers: nil when there is no such world, else HEAD or '', then id and node of each, in no order.
local world, versions = KEYS[1], KEYS[2]

if redis.call('EXISTS', world) == 0 then
  return nil
end
local answer = redis.call('HGETALL', versions)
table.insert(answer, 1, redis.call('HGET', world, 'head') or '')
return answer
