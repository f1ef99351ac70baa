-- Spends a held unit whose work leaves nothing in the store but its answer, and remembers that.
-- Asking again with the same hold changes nothing.
-- Answers 1, or 0 when the hold has lapsed: then nothing may be answered.
local effect, usage, holds, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local unit, hold, effect_ms = ARGV[1], ARGV[2], ARGV[3]
local body, answer, rev, remember_ms = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if redis.call('EXISTS', effect) == 1 then
  return 1
end
if not spend_hold(usage, holds, unit, hold, now_ms()) then
  return 0
end
redis.call('SET', effect, '1', 'PX', effect_ms)
if record then
  remember(record, remember_ms, body, answer, '', rev)
end
return 1
