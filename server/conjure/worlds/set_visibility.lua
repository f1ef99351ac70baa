-- Changes who may see a world; the document and its revision stay. Repeating it does no harm.
-- Answers: 'ok', 'stale' or 'gone'.
local world = KEYS[1]
local visibility, asserted = ARGV[1], ARGV[2]

local rev = redis.call('HGET', world, 'rev')
if not rev then
  return 'gone'
end
if not allows(asserted, rev) then
  return 'stale'
end
change_visibility(world, visibility, now_ms())
return 'ok'
