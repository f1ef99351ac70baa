-- Counts one session for a world that exists. Idempotent under the token's id, and under an Idempotency-Key.
-- Answers: {'ok', slug or ''}, {'gone'}, {'quota'}, or what `first_answer` says of the key.
local world, usage, caps, effect, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local default_cap, effect_ms = ARGV[1], ARGV[2]
local body, answer, remember_ms = ARGV[3], ARGV[4], ARGV[5]
local now = now_ms()

local has_happened = redis.call('EXISTS', effect) == 1
if record and not has_happened then
  local first = first_answer(record, body, now)
  if first then
    return first
  end
end
local found = redis.call('HMGET', world, 'rev', 'slug')
if not found[1] then
  return {'gone'}
end
local slug = found[2] or ''
if not has_happened then
  local day = day_of(now)
  if used_of(usage, 'session', day) >= cap_of(caps, 'session', default_cap) then
    return {'quota'}
  end
  roll(usage, day)
  redis.call('HINCRBY', usage, 'session', 1)
  redis.call('SET', effect, 1, 'PX', effect_ms)
  if record then
    remember(record, remember_ms, body, answer, slug, found[1])
  end
end
return {'ok', slug}
