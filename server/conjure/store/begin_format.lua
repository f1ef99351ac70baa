-- Gives a store that says no format the newest; whoever comes first decides. Not while something is restored into it.
-- Answers 1 if it did.
local stamp = KEYS[1]
local format, release = ARGV[1], ARGV[2]

if redis.call('HEXISTS', stamp, 'format') == 1 or redis.call('HEXISTS', stamp, 'restoring') == 1 then
  return 0
end
redis.call('HSET', stamp, 'format', format, 'release', release, 'since', string.format('%d', now_ms()))
return 1
