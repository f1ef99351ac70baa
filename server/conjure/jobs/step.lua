-- Says how far a job has come. Answers: 1, or 0 when the claim does not hold any more.
local entry, job, steps = KEYS[1], KEYS[2], KEYS[3]
local token, phase, progress = ARGV[1], ARGV[2], ARGV[3]
if not queue_is_claimed(entry, token) or redis.call('HGET', job, 'status') ~= 'running' then
  return 0
end
job_step(job, steps, 'running', phase, progress)
return 1
