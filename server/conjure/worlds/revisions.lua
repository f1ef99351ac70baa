
-- Revisions (revisions.py): `<n>-<incarnation>`. Every script that moves `rev` takes the next one from here and
-- records the change, for those who watch the world.

-- The incarnation of the store that runs this: its replication id, another one after each start and each failover,
-- also when a server is master a second time. What a store made and then lost (a file cut short or restored, writes
-- that no replica had) it made as another incarnation than it is now: no revision is ever given twice.
-- A world that `conjure restore` has written has that restore's mark too: it may have been written back into a store
-- that was emptied and not started anew, and that has given revisions since the backup.
-- Where INFO is forbidden, the clock stands in: then each write is an incarnation of its own.
local function incarnation(world)
  local info = redis.pcall('INFO', 'replication')
  local id = type(info) == 'string' and string.match(info, 'master_replid:(%x%x%x%x%x%x%x%x)')
  if id then
    return id .. (redis.call('HGET', world, 'restored') or '')
  end
  local time = redis.call('TIME')
  return string.format('%x', time[1] * 1000000 + time[2])
end

-- `12-ab12cd34` is followed by 13 of this incarnation. A plain number is a world's first revision, or of a release
-- that had no incarnations.
local function next_rev(world, rev)
  return string.format('%d-%s', string.match(rev, '^%d+') + 1, incarnation(world))
end

-- Appends a write to the stream of a world's changes. `after` is the revision that it was made from.
-- `pcall`: a stream that cannot take the entry makes watchers begin anew, never a write fail halfway.
local function record_change(changes, rev, after, ops, now)
  redis.pcall('XADD', changes, 'MAXLEN', '~', 1000, string.match(rev, '^%d+') .. '-0',
    'rev', rev, 'after', after, 'ops', ops, 'time', now)
end
