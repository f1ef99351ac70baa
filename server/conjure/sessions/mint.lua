-- Counts one session for a world that exists. Idempotent under the token's id.
-- KEYS: world, usage, caps, effect. ARGV: default cap, effect ms.
-- Answers: {'ok', slug or ''}, {'gone'} or {'quota'}.
local found = redis.call('HMGET', KEYS[1], 'rev', 'slug')
if not found[1] then
  return {'gone'}
end
if redis.call('EXISTS', KEYS[4]) == 0 then
  local day = day_of(now_ms())
  if used_of(KEYS[2], 'session', day) >= cap_of(KEYS[3], 'session', ARGV[1]) then
    return {'quota'}
  end
  roll(KEYS[2], day)
  redis.call('HINCRBY', KEYS[2], 'session', 1)
  redis.call('SET', KEYS[4], 1, 'PX', ARGV[2])
end
return {'ok', found[2] or ''}
