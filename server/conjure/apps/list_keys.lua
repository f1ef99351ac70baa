-- All keys of an app. Answers: for each key its id, its SHA-256, its row or '', the ms at which it was last used
-- or '', and 1 if it is noted as revoked.
local keys, rows, revoked, use = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local answer = {}
local all = redis.call('HGETALL', keys)
for at = 1, #all, 2 do
  local id = all[at]
  answer[#answer + 1] = {
    id, all[at + 1], redis.call('HGET', rows, id) or '', redis.call('HGET', use, id) or '',
    redis.call('ZSCORE', revoked, id) and 1 or 0,
  }
end
return answer
