-- Changes who may see a world; the document and its revision stay. Idempotent under the effect key: asked again, it
-- must not undo what somebody else has changed since.
-- Answers: 'ok', 'stale' or 'gone'.
local world, effect = KEYS[1], KEYS[2]
local visibility, asserted, effect_ms = ARGV[1], ARGV[2], ARGV[3]

if redis.call('EXISTS', effect) == 1 then
  return 'ok' -- asked again: this very change has happened
end

local rev = redis.call('HGET', world, 'rev')
if not rev then
  return 'gone'
end
if not allows(asserted, rev) then
  return 'stale'
end
change_visibility(world, visibility, now_ms())
redis.call('SET', effect, 1, 'PX', effect_ms)
return 'ok'
