-- Has a turn last on, as long as it is this process's. Answers 1, or 0: it has lapsed, or another process has it.
local turn = KEYS[1]
local name, lasts_ms = ARGV[1], ARGV[2]

if redis.call('GET', turn) ~= name then
  return 0
end
redis.call('PEXPIRE', turn, lasts_ms)
return 1
