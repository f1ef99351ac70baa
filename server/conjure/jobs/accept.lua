-- Accepts a job: holds its unit for as long as it may take, writes it, puts it into the queue, and remembers the
-- Idempotency-Key, all or nothing. Asking again with the same job id changes nothing.
-- The unit may be held already, while its frame was looked at: that hold becomes the job's.
-- Answers: {'accepted'}, {'quota'}, {'full'}, or what `first_answer` says of the key.
local job, steps, open, lanes, ready, entry = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local usage, caps, holds, record = KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local id, world, unit, default_cap = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local life_ms, keep_ms, most_open = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local body, answer, remember_ms = ARGV[8], ARGV[9], ARGV[10]
local hold = ARGV[11] -- '' for none
local first_member = 12 -- from here on: names and values of what it is made from
local now = now_ms()

if redis.call('EXISTS', job) == 1 then
  return {'accepted'}
end
local is_own = record and hold ~= '' and redis.call('HGET', record, 'hold') == hold
if record and not is_own then
  local first = first_answer(record, body, now)
  -- Of a body that was refused the rules have changed since: it has passed the gate now.
  if first and first[1] ~= 'refused' then
    return first
  end
end
redis.call('ZREMRANGEBYSCORE', open, '-inf', now)
if redis.call('ZCARD', open) >= most_open then
  return {'full'}
end
if hold ~= '' and tonumber(redis.call('ZSCORE', holds, hold) or 0) > now then
  redis.call('ZREM', holds, hold)
  redis.call('ZADD', holds, now + life_ms, id)
elseif not take_hold(usage, caps, holds, unit, default_cap, id, life_ms, now) then
  return {'quota'}
end

redis.call('HSET', job, 'status', 'queued', 'phase', '', 'progress', '0', 'world', world, 'lapses', now + life_ms,
  unpack(ARGV, first_member))
redis.call('RPUSH', steps, 'queued||0')
redis.call('PEXPIRE', job, life_ms + keep_ms)
redis.call('PEXPIRE', steps, life_ms + keep_ms)
redis.call('ZADD', open, now + life_ms, id)
queue_put(lanes, ready, entry, 'jobs', '', id, now, '{}')
if record then
  remember(record, remember_ms, body, answer, '', '')
end
return {'accepted'}
