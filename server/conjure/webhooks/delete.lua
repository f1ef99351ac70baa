-- Removes a webhook, with its secret. For a day it is known that there was one, so that a repeated call is answered
-- as the first.
-- Answers: 1, or 0 when there is none.
local index, webhook = KEYS[1], KEYS[2]
local id, known_ms = ARGV[1], ARGV[2]

local found = redis.call('HMGET', webhook, 'created', 'deleted')
if found[2] then
  return 1
end
if not found[1] then
  return 0
end
redis.call('ZREM', index, index_member(tonumber(found[1]), id))
redis.call('DEL', webhook)
redis.call('HSET', webhook, 'deleted', now_ms())
redis.call('PEXPIRE', webhook, known_ms)
return 1
