-- Registers a webhook of an app. Idempotent under its id, and under an Idempotency-Key.
-- Answers: {'made', created ms}, {'full'} (the app has as many as it may have), {'free', '0'} (this was only a look, and
-- the key stands for nothing), or what `first_answer` says of the key.
local index, webhook, record = KEYS[1], KEYS[2], KEYS[3]
local id, url, events, secret = ARGV[1], ARGV[2], ARGV[3], ARGV[4] -- events: a JSON array
local most, is_look = tonumber(ARGV[5]), ARGV[6] == '1'
local body, answer, remember_ms = ARGV[7], ARGV[8], ARGV[9]
local now = now_ms()

local made = redis.call('HGET', webhook, 'created')
if made then
  return {'made', made} -- asked again: it is there already
end
if record then
  local first = first_answer(record, body, now)
  if first then
    return first
  end
end
if is_look then
  return {'free', '0'}
end
if redis.call('ZCARD', index) >= most then
  return {'full'}
end
redis.call('HSET', webhook, 'url', url, 'events', events, 'secret', secret, 'created', now)
redis.call('ZADD', index, 0, index_member(now, id))
if record then
  remember(record, remember_ms, body, answer, '', '')
end
return {'made', tostring(now)}
