-- Ends a job without a world: gives its unit back, removes it from the queue, and tells that it has failed, all or
-- nothing. Answers: {'failed'}, also when asked again; {'lost'} when the claim does not hold, or {'gone'} when there is
-- nothing to end: nothing is changed then.
local lanes, ready, claimed, entry, job, steps, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local holds, event_ready, event = KEYS[8], KEYS[9], KEYS[10]
local id, token, event_id, keep_ms, error = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local found = redis.call('HMGET', job, 'status', 'progress')
if found[1] == 'failed' then
  return {'failed'}
end
if not queue_is_claimed(entry, token) then
  return {'lost'}
end
if not found[1] or not job_is_open(found[1]) then
  return {'gone'}
end
redis.call('ZREM', holds, id)
redis.call('HSET', job, 'error', error)
job_end(job, steps, open, id, 'failed', found[2], keep_ms)
queue_remove(lanes, ready, claimed, entry, 'jobs', '', id)
queue_event(lanes, event_ready, event, event_id, 'world.generation.failed',
  cjson.encode({jobId = id, error = error}), now_ms())
return {'failed'}
