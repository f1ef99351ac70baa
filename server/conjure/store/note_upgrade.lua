-- Notes how far an upgrade has come, before its next piece is done. Answers 1, or 0 when the store does not have the
-- format any more from which it began, or something is restored into it.
local stamp = KEYS[1]
local from, to, step, at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local format = redis.call('HGET', stamp, 'format') or '1'
if format ~= from or redis.call('HEXISTS', stamp, 'restoring') == 1 then
  return 0
end
redis.call('HSET', stamp, 'upgrading', to, 'step', step, 'at', at)
return 1
