-- All webhooks of an app, newest first: there are few (create.lua). The key of each is made from the prefix; it is in
-- the same slot.
-- Answers: {now, {id, url, events, secret, created, disabled, last} of each}.
local index = KEYS[1]
local prefix = ARGV[1]

local answer = {tostring(now_ms())}
for _, member in ipairs(redis.call('ZREVRANGE', index, 0, -1)) do
  local id = id_of_member(member)
  local found = redis.call('HMGET', prefix .. id, 'url', 'events', 'secret', 'created', 'disabled', 'last')
  if found[1] then
    table.insert(found, 1, id)
    answer[#answer + 1] = found
  end
end
return answer
