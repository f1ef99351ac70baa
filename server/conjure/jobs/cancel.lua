-- Cancels a job that is not finished: gives its unit back and removes it from the queue, all or nothing. A worker
-- that has it has lost its claim.
-- Answers: {'cancelled', what `job_view` says}, also when asked again under the same request id; {'finished', what
-- `job_view` says}; or {'gone'}.
local lanes, ready, claimed, entry, job, steps, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local holds = KEYS[8]
local id, request_id, keep_ms = ARGV[1], ARGV[2], ARGV[3]

local found = redis.call('HMGET', job, 'status', 'progress', 'cancelled_by')
if not found[1] then
  return {'gone'}
end
if found[3] == request_id then
  return {'cancelled', job_view(job)}
end
if not job_is_open(found[1]) then
  return {'finished', job_view(job)}
end
redis.call('ZREM', holds, id)
redis.call('HSET', job, 'cancelled_by', request_id)
job_end(job, steps, open, id, 'cancelled', found[2], keep_ms)
queue_remove(lanes, ready, claimed, entry, 'jobs', '', id)
return {'cancelled', job_view(job)}
