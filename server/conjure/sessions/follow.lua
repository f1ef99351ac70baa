-- Places follow what became of their leases. One that somebody has changed since it was read is not touched.
-- Answers: how many were removed.
local places = KEYS[1]
local changes = {unpack(ARGV)} -- member, its end (ms) as it was read, and the ms that its lease has left, 0: none; …
local now = now_ms()
local removed = 0
for at = 1, #changes, 3 do
  local member, left = changes[at], tonumber(changes[at + 2])
  if tonumber(redis.call('ZSCORE', places, member)) == tonumber(changes[at + 1]) then
    if left > 0 then
      redis.call('ZADD', places, now + left, member)
    else
      removed = removed + redis.call('ZREM', places, member)
    end
  end
end
return removed
