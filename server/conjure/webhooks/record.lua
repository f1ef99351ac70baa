-- Keeps what came of the newest try to deliver something to a webhook, and disables one that has failed for long.
-- `has_succeeded`: since this process last told, a delivery went through; `is_failure`: the newest one did not.
-- Asked again it changes nothing: times only move forward, and a failure that is known keeps its beginning.
-- Answers: 'kept', 'disabled' (now, for the first time) or 'gone'.
local webhook = KEYS[1]
local last, at = ARGV[1], tonumber(ARGV[2]) -- JSON, and when it ended (ms)
local has_succeeded, is_failure = ARGV[3] == '1', ARGV[4] == '1'
local disable_after_ms = tonumber(ARGV[5])
local now = now_ms()

local found = redis.call('HMGET', webhook, 'url', 'at', 'failing_since', 'disabled')
if not found[1] then
  return 'gone'
end
if at >= tonumber(found[2] or 0) then -- else another process has told of a later one
  redis.call('HSET', webhook, 'last', last, 'at', at)
end
local failing_since = tonumber(found[3])
if has_succeeded then
  redis.call('HDEL', webhook, 'failing_since')
  failing_since = nil
end
if not is_failure then
  return 'kept'
end
if not failing_since then
  redis.call('HSET', webhook, 'failing_since', now)
  return 'kept'
end
if not found[4] and now - failing_since >= disable_after_ms then
  redis.call('HSET', webhook, 'disabled', now)
  return 'disabled'
end
return 'kept'
