-- Puts the event that a session has ended, with what it has cost so far (CONTRACT 8), in front of the scripts that end
-- one. Behind `queue.entries`.
local function tell_end(lanes, ready, entry, id, jti, lease_key, now)
  local found = redis.call('HMGET', lease_key, 'world', 'charged')
  local data = string.format('{"worldId":%s,"jti":%s,"seconds":%d}', cjson.encode(found[1] or ''), cjson.encode(jti),
    tonumber(found[2] or 0))
  queue_event(lanes, ready, entry, id, 'session.ended', data, now)
end
