-- A job and its steps, in front of every script that changes one.
--
-- job     hash: status, phase ('' for none), progress, world (the id that it will have), lapses (ms; then it fails),
--         request (JSON) of a premise, or of an import name, description, cover, kind, slug, doc (packed, as
--         worlds keep it), assets (those that it names: assets/names.lua) and, where its cover is one that we drew
--         and nobody has kept yet, drawn and drawn_type; all of these are gone at its end. error once it failed, cancelled_by (a request id) once it was
--         cancelled
-- steps   list: `<status>|<phase>|<progress>` of each change since it was accepted, for those who watch
-- open    sorted set of a tenant: id of each job that is not finished to the ms at which it lapses

-- Goes a step on. Neither phase nor progress ever goes back: whoever begins again says nothing new until it has
-- come further than the one before. So the steps of a job are bounded, however often it is tried.
local function job_step(job, steps, status, phase, progress)
  local found = redis.call('HMGET', job, 'status', 'phase', 'progress')
  local new, old = tonumber(progress), tonumber(found[3])
  local is_ahead = new >= old + 0.01 or (phase ~= found[2] and new >= old)
  if status == found[1] and not is_ahead then
    return
  end
  redis.call('HSET', job, 'status', status, 'phase', phase, 'progress', progress)
  redis.call('RPUSH', steps, status .. '|' .. phase .. '|' .. progress)
end

-- Whether it has not come to its end.
local function job_is_open(status)
  return status == 'queued' or status == 'running'
end

-- Comes to its end: what it was made from is forgotten, and the rest is kept for `keep_ms`.
local function job_end(job, steps, open, id, status, progress, keep_ms)
  redis.call('HSET', job, 'status', status, 'phase', '', 'progress', progress)
  redis.call('HDEL', job, 'request', 'name', 'description', 'cover', 'slug', 'doc', 'assets', 'drawn',
    'drawn_type')
  redis.call('RPUSH', steps, status .. '||' .. progress)
  redis.call('PEXPIRE', job, keep_ms)
  redis.call('PEXPIRE', steps, keep_ms)
  redis.call('ZREM', open, id)
end

-- What is told of a job: status, phase, progress, world ('' before it is there), error.
local function job_view(job)
  local found = redis.call('HMGET', job, 'status', 'phase', 'progress', 'world', 'error')
  return {found[1], found[2] or '', found[3] or '0', found[1] == 'succeeded' and found[4] or '', found[5] or ''}
end
