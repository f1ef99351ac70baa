-- Takes claims back that nothing stands for any more, unless they were made again since. When none is left, and
-- that is asked for, the asset is being deleted from now on: nobody can claim it.
-- Answers: {} or {the ms from which on it is being deleted}.
local asset, claims = KEYS[1], KEYS[2]
local may_delete = table.remove(ARGV, 1) == '1'
local lapsed = ARGV -- a claim, and when it was made, and so on
for at = 1, #lapsed, 2 do
  if redis.call('HGET', claims, lapsed[at]) == lapsed[at + 1] then
    redis.call('HDEL', claims, lapsed[at])
  end
end
if not may_delete or redis.call('EXISTS', claims) == 1 or redis.call('EXISTS', asset) == 0 then
  return {}
end
local now = now_ms()
redis.call('HSET', asset, 'deleting', now)
return {tostring(now)}
