
-- Appends a write to the stream of a world's changes, for those who watch it. Every script that moves `rev` calls it.
-- `pcall`: a stream that cannot take the entry makes watchers begin anew, never a write fail halfway.
local function record_change(changes, rev, ops, now)
  redis.pcall('XADD', changes, 'MAXLEN', '~', 1000, rev .. '-0', 'ops', ops, 'time', now)
end
