-- What is used of the day. KEYS: usage, caps, then the holds of each unit. ARGV: the units, as KEYS.
-- Answers: day, then used (with live holds), then cap override or '' for each unit.
local now = now_ms()
local day = day_of(now)
local answer = {day}
for i, unit in ipairs(ARGV) do
  answer[#answer + 1] = used_of(KEYS[1], unit, day)
    + redis.call('ZCOUNT', KEYS[2 + i], '(' .. now, '+inf')
  answer[#answer + 1] = redis.call('HGET', KEYS[2], unit) or ''
end
return answer
