-- Ends an upgrade: the store has the new format from here on. Once: another upgrade that ends later changes nothing.
-- Answers 1 if it did.
local stamp = KEYS[1]
local from, to, release = ARGV[1], ARGV[2], ARGV[3]

local format = redis.call('HGET', stamp, 'format') or '1'
if format ~= from or redis.call('HEXISTS', stamp, 'restoring') == 1 then
  return 0
end
redis.call('HSET', stamp, 'format', to, 'release', release, 'since', string.format('%d', now_ms()))
redis.call('HDEL', stamp, 'upgrading', 'step', 'at')
return 1
