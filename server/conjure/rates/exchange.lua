-- Adds what a process has spent of a rate to the bucket of all; answers how far that is ahead of the clock
-- (microseconds). A report with a number that the process has used before is not added again.
-- KEYS: rate. ARGV: process, number of the report, calls spent, microseconds per call.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local found = redis.call('HMGET', KEYS[1], 'tat', ARGV[1])
local tat = math.max(tonumber(found[1] or 0), now)
if not found[2] or tonumber(found[2]) < tonumber(ARGV[2]) then
  tat = tat + math.ceil(ARGV[3] * ARGV[4])
  redis.call('HSET', KEYS[1], 'tat', string.format('%.0f', tat), ARGV[1], ARGV[2])
  -- An empty bucket says nothing; the extra minute is for a report that is asked for again.
  redis.call('PEXPIRE', KEYS[1], math.ceil((tat - now) / 1000) + 60000)
end
return tat - now
