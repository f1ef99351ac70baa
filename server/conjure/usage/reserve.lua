-- Reserves one unit under a hold that lapses by itself, and opens an Idempotency-Key when there is one.
-- Asking again with the same hold id changes nothing.
-- Answers: {'held'}, {'quota'}, or what `first_answer` says of the key.
local usage, caps, holds, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local unit, default_cap, hold, hold_ms, body = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local again = ARGV[6] == '1' -- although this body was refused: the kernel's rules have changed since
local now = now_ms()

if redis.call('ZSCORE', holds, hold) then
  return {'held'}
end
if record then
  local first = first_answer(record, body, now)
  if first and not (again and first[1] == 'refused') then
    return first
  end
end

if not take_hold(usage, caps, holds, unit, default_cap, hold, hold_ms, now) then
  return {'quota'}
end
if record then
  open_record(record, body, hold, hold_ms, now)
end
return {'held'}
