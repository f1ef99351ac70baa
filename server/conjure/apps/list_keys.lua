-- All keys of an app. Answers: for each key its id, its SHA-256, its row or '' (an older release made it), the ms at
-- which it was last used or '', the ms at which it was revoked or '', and which steps of it are open: 1 (making it),
-- 2 (revoking it) or 3, else 0.
local keys, rows, revoked, use, steps = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

local answer = {}
local id
for i, value in ipairs(redis.call('HGETALL', keys)) do
  if i % 2 == 1 then
    id = value
  else
    local making = redis.call('HEXISTS', steps, 'made:' .. id)
    local revoking = redis.call('HEXISTS', steps, 'revoked:' .. id)
    answer[#answer + 1] = {
      id, value, redis.call('HGET', rows, id) or '', redis.call('HGET', use, id) or '',
      redis.call('ZSCORE', revoked, id) or '', making + 2 * revoking,
    }
  end
end
return answer
