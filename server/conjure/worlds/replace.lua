-- Replaces a world's document if it still is the revision that the edit was made from.
-- A checkout also moves HEAD, to a version that must still be there.
-- KEYS: world, effect, changes[, versions].
-- ARGV: that revision ('' is any), name, description, cover, doc, effect ms, ops, visibility ('' keeps it)
-- [, version id].
-- Answers: {'ok', new rev}, {'stale', rev, doc}, or {'gone'}.
local done = redis.call('GET', KEYS[2])
if done then
  return {'ok', done} -- asked again: this very write has happened
end
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev or (KEYS[4] and redis.call('HEXISTS', KEYS[4], ARGV[9]) == 0) then
  return {'gone'}
end
if ARGV[1] ~= '' and rev ~= ARGV[1] then
  return {'stale', rev, redis.call('HGET', KEYS[1], 'doc')}
end
local now = now_ms()
local new = redis.call('HINCRBY', KEYS[1], 'rev', 1)
redis.call('HSET', KEYS[1], 'name', ARGV[2], 'description', ARGV[3], 'cover', ARGV[4],
  'doc', ARGV[5], 'updated', now)
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[1], 'visibility', ARGV[8])
end
if KEYS[4] then
  redis.call('HSET', KEYS[1], 'head', ARGV[9])
end
tell(KEYS[3], new, ARGV[7], now)
redis.call('SET', KEYS[2], new, 'PX', ARGV[6])
return {'ok', tostring(new)}
