-- Makes an app of a user: from here on it counts and is listed. Its own hash lies in another slot and is written
-- next, by whoever sees that the step is open, from the row. Idempotent under the app's id, and under an
-- Idempotency-Key.
-- Answers: {'made', created}, {'full'}, or what `first_answer` says of the key.
local apps, rows, steps, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, name, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local body, answer, remember_ms = ARGV[4], ARGV[5], ARGV[6]

local row = redis.call('HGET', rows, id)
if row then
  return {'made', (string.match(row, '^%d+'))}
end
local now = now_ms()
if record then
  local first = first_answer(record, body, now)
  if first then
    return first
  end
end
if redis.call('ZCARD', apps) >= most then
  return {'full'}
end
local created = string.format('%d', now)
redis.call('ZADD', apps, 0, index_member(now, id))
redis.call('HSET', rows, id, created .. ':' .. name)
redis.call('HSET', steps, id, 1)
if record then
  remember(record, remember_ms, body, answer, '', created)
end
return {'made', created}
