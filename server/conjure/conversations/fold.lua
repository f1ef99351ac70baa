-- Stores the summary of the turns up to a number, which are dropped then, if nobody has folded meanwhile.
-- Asking again changes nothing: the first time has moved `folded`.
-- Answers: {summary or '', turns ever}: as it is remembered now.
local memory = KEYS[1]
local id, folded, upto = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]) -- folded: as the caller has read it
local summary, welcome = ARGV[4], ARGV[5]

local found = redis.call('HMGET', memory, 'id', 'folded', 'first', 'bytes', 'summary', 'turns')
if found[1] ~= id or tonumber(found[2] or 0) ~= folded then
  return {found[5] or '', tonumber(found[6] or 0)}
end
local bytes = tonumber(found[4])
for number = tonumber(found[3]), upto do
  bytes = bytes - redis.call('HSTRLEN', memory, 't:' .. number)
  redis.call('HDEL', memory, 't:' .. number)
end
redis.call('HSET', memory, 'summary', summary, 'welcome', welcome, 'folded', upto,
  'first', math.max(tonumber(found[3]), upto + 1), 'bytes', bytes)
redis.call('HDEL', memory, 'folding', 'folding_until')
return {summary, tonumber(found[6])}
