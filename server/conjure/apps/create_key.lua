-- Makes a key of an app: from here on it counts and is listed. What it is verified by lies in another slot and is
-- written next, by whoever sees that the step is open, from the row. Idempotent under the key's id, and under an
-- Idempotency-Key.
-- Answers: {'made', created}, {'gone'} (there is no such app), {'full'}, {'unsure'} (full, but that a key is revoked
-- may not be noted), {'today'} (as many as may be made in a day), or what `first_answer` says of the key.
local app, keys, rows, revoked, steps, made = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local record = KEYS[7]
local id, digest, row, most, most_a_day = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local body, answer, remember_ms = ARGV[6], ARGV[7], ARGV[8]

local known = redis.call('HGET', rows, id)
if known then
  return {'made', (string.match(known, '^%d+'))}
end
if redis.call('EXISTS', app) == 0 then
  return {'gone'}
end
local now = now_ms()
if record then
  local first = first_answer(record, body, now)
  if first then
    return first
  end
end
if redis.call('HLEN', keys) - redis.call('ZCARD', revoked) >= most then
  local older = redis.call('HLEN', keys) - redis.call('HLEN', rows)
  return {older + redis.call('HLEN', steps) > 0 and 'unsure' or 'full'}
end
local day = day_of(now)
if used_of(made, 'keys', day) >= most_a_day then
  return {'today'}
end
roll(made, day)
redis.call('HINCRBY', made, 'keys', 1)
local created = string.format('%d', now)
redis.call('HSET', keys, id, digest)
redis.call('HSET', rows, id, created .. ':' .. row)
redis.call('HSET', steps, 'made:' .. id, 1)
if record then
  remember(record, remember_ms, body, answer, '', created)
end
return {'made', created}
