-- Begins a job, also after another worker that has died. Answers: {'begun', world, kind of an import or '',
-- request (JSON) or '', the assets that an import names, media type and content of a cover of ours or ''}, {'expired'}, {'lost'} when the claim does not hold, or {'gone'} when there is nothing to do.
local entry, job, steps = KEYS[1], KEYS[2], KEYS[3]
local token = ARGV[1]

if not queue_is_claimed(entry, token) then
  return {'lost'}
end
local found = redis.call('HMGET', job, 'status', 'lapses', 'world', 'kind', 'request', 'assets', 'drawn_type',
  'drawn')
if not found[1] or not job_is_open(found[1]) then
  return {'gone'}
end
if tonumber(found[2]) <= now_ms() then
  return {'expired'}
end
job_step(job, steps, 'running', found[4] and '' or 'planning', '0')
return {'begun', found[3], found[4] or '', found[5] or '', found[6] or '', found[7] or '', found[8] or ''}
