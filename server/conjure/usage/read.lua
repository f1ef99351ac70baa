-- What is used of the day. KEYS: usage, caps, then the holds of each unit. ARGV: the units, as KEYS.
-- Answers: day, then used (with live holds), then the app's own cap or -1 for each unit.
local usage, caps, first_holds = KEYS[1], KEYS[2], 3
local now = now_ms()
local day = day_of(now)
local answer = {day}
for i, unit in ipairs(ARGV) do
  local held = redis.call('ZCOUNT', KEYS[first_holds + i - 1], '(' .. now, '+inf')
  answer[#answer + 1] = used_of(usage, unit, day) + held
  answer[#answer + 1] = cap_of(caps, unit, -1)
end
return answer
