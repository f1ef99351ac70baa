-- All versions. KEYS: world, versions.
-- Answers: nil when there is no such world, else HEAD or '', then id and node of each, in no order.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return nil
end
local answer = redis.call('HGETALL', KEYS[2])
table.insert(answer, 1, redis.call('HGET', KEYS[1], 'head') or '')
return answer
