-- What has happened to a world since a revision.
-- KEYS: world, changes. ARGV: that revision or '', how many changes at most.
-- Answers: nil when there is no world, else rev, updated, then of each change {id, fields}.
local found = redis.call('HMGET', KEYS[1], 'rev', 'updated')
if not found[1] then
  return nil
end
local answer = {found[1], found[2] or '0'}
if ARGV[1] ~= '' and ARGV[1] ~= found[1] then
  local entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])
  for _, entry in ipairs(entries) do
    answer[#answer + 1] = entry
  end
end
return answer
