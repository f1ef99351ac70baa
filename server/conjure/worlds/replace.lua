-- Replaces a world's document if it still is the revision that the edit was made from.
-- A checkout also moves HEAD, to a version that must still be there.
--
-- On a cluster a new master leaves a gap in the revisions: the last master may have shown some that died
-- with it, and no revision may ever mean two documents, neither to a cache nor to an If-Match.
--
-- KEYS: world, effect, changes[, versions].
-- ARGV: that revision ('' is any), name, description, cover, doc, effect ms, ops, visibility ('' keeps it),
-- 1 on a cluster[, version id].
-- Answers: {'ok', new rev}, {'stale', rev, doc}, or {'gone'}.
local done = redis.call('GET', KEYS[2])
if done then
  return {'ok', done} -- asked again: this very write has happened
end
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev or (KEYS[4] and redis.call('HEXISTS', KEYS[4], ARGV[10]) == 0) then
  return {'gone'}
end
if ARGV[1] ~= '' and rev ~= ARGV[1] then
  return {'stale', rev, redis.call('HGET', KEYS[1], 'doc')}
end
local now = now_ms()
local step = 1
if ARGV[9] == '1' then
  local epoch = master_epoch()
  if redis.call('HGET', KEYS[1], 'epoch') ~= epoch then
    redis.call('HSET', KEYS[1], 'epoch', epoch)
    step = 1000000 -- far more than a master can write while its replicas hear nothing from it
  end
end
local new = redis.call('HINCRBY', KEYS[1], 'rev', step)
redis.call('HSET', KEYS[1], 'name', ARGV[2], 'description', ARGV[3], 'cover', ARGV[4],
  'doc', ARGV[5], 'updated', now)
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[1], 'visibility', ARGV[8])
end
if KEYS[4] then
  redis.call('HSET', KEYS[1], 'head', ARGV[10])
end
record_change(KEYS[3], new, ARGV[7], now)
redis.call('SET', KEYS[2], new, 'PX', ARGV[6])
return {'ok', tostring(new)}
