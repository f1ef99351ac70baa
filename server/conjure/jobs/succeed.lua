-- Ends a job with its world: stores the world, spends the unit that was held for it, removes the job from the
-- queue, and tells that it has succeeded, all or nothing.
-- Answers: {'succeeded'}, also when asked again; {'expired'} when the hold has lapsed, {'lost'} when the claim does not
-- hold: nothing is changed then.
local lanes, ready, claimed, entry, job, steps, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local usage, holds, world, index, slugs = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local event_ready, event, asset_names, asset_counts = KEYS[13], KEYS[14], KEYS[15], KEYS[16]
local id, token, unit, event_id, keep_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local world_id = ARGV[6]
-- Of a premise; an import has them in its record.
local name, description, cover, kind, slug, doc = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local assets = ARGV[13]
local now = now_ms()

local status = redis.call('HGET', job, 'status')
if status == 'succeeded' then
  return {'succeeded'}
end
if not status or not job_is_open(status) or not queue_is_claimed(entry, token) then
  return {'lost'}
end
local lapses = tonumber(redis.call('ZSCORE', holds, id) or 0)
if lapses <= now then
  return {'expired'}
end
spend_hold(usage, holds, unit, id, now)
if not doc then
  local found = redis.call('HMGET', job, 'name', 'description', 'cover', 'kind', 'slug', 'doc',
    'assets')
  name, description, cover, kind, slug, doc = unpack(found)
  assets = found[7] -- false when an earlier release has accepted it
end
new_world(world, index, slugs, asset_names, asset_counts, world_id, name, description, cover, kind,
  doc, slug, assets, now)
job_end(job, steps, open, id, 'succeeded', '1', keep_ms)
queue_remove(lanes, ready, claimed, entry, 'jobs', '', id)
queue_event(lanes, event_ready, event, event_id, 'world.generation.succeeded',
  cjson.encode({worldId = world_id, jobId = id}), now)
return {'succeeded'}
