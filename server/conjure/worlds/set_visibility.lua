-- Changes who may see a world; the document and its revision stay. Repeating it does no harm.
-- KEYS: world. ARGV: visibility, the revision that must be the present one, or ''.
-- Answers: {'ok'}, {'stale'} or {'gone'}.
local found = redis.call('HMGET', KEYS[1], 'rev', 'visibility')
if not found[1] then
  return {'gone'}
end
if ARGV[2] ~= '' and found[1] ~= ARGV[2] then
  return {'stale'}
end
if found[2] ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'visibility', ARGV[1], 'updated', now_ms())
end
return {'ok'}
