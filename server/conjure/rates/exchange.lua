-- Adds what a process has spent of a rate to the bucket of all; answers how far that is ahead of the clock
-- (microseconds), `most` at most. A report with a number that the process has used before is not added again.
local rate = KEYS[1]
local process, report, us, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local found = redis.call('HMGET', rate, 'tat', process)
local tat = math.max(tonumber(found[1] or 0), now)
if not found[2] or tonumber(found[2]) < tonumber(report) then
  tat = math.max(tat, math.min(tat + us, now + most))
  redis.call('HSET', rate, 'tat', string.format('%.0f', tat), process, report)
  -- An empty bucket says nothing; the extra minute is for a report that is asked for again.
  redis.call('PEXPIRE', rate, math.ceil((tat - now) / 1000) + 60000)
end
return tat - now
