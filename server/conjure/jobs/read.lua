-- A job as it is now, and its steps. Answers: nil when it is not there, else {how many steps there were, what
-- `job_view` says, the steps from number ARGV[1] on}; without a number none.
local job, steps = KEYS[1], KEYS[2]
local from = ARGV[1]
if redis.call('EXISTS', job) == 0 then
  return nil
end
return {redis.call('LLEN', steps), job_view(job), from and redis.call('LRANGE', steps, from, -1) or {}}
