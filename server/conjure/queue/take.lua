-- Takes lanes from the directory for a visit: nobody else visits them for `visit_ms`, unless they are announced.
-- Answers: {score that says that they are being visited, lane, lane, …}, those that wait longest first.
local directory = KEYS[1]
local want, visit_ms = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
local found = redis.call('ZRANGEBYSCORE', directory, '-inf', now, 'LIMIT', 0, want)
local visited = now + visit_ms
for _, lane in ipairs(found) do
  redis.call('ZADD', directory, visited, lane)
end
table.insert(found, 1, string.format('%d', visited))
return found
