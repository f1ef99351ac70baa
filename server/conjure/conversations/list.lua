-- A page of what a character remembers, the player it talked to last first.
-- Answers nil when there is no such character; else {ms and hash of the row that the next page begins after, '' at the
-- end, then of each player: {ms, hash, members, turns}}. A page may have fewer than asked for, also none, and not be
-- the last one: rows whose memory has lapsed are passed over, and only so many are looked at.
local world, index = KEYS[1], KEYS[2]
local before_ms, before_hash = ARGV[1], ARGV[2] -- the last row of the page before; '+inf' and '' for the first page
local limit, most_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local prefix, most_turns = ARGV[5], tonumber(ARGV[6]) -- prefix: of keys of memories
local only = ARGV[7] -- one player's hash, or ''
local MOST_LOOKED_AT = 2000

if redis.call('HGET', world, 'kind') ~= 'character' then
  return false
end
if only ~= '' then
  local ms = redis.call('ZSCORE', index, only)
  local members, turns = recall(prefix .. only, most_turns)
  return ms and members[1] and {'', '', {ms, only, members, turns}} or {'', ''}
end
local page, bytes, skipped, looked_at = {'', ''}, 0, 0, 0
local last_ms, last_hash = before_ms, before_hash
while true do
  local rows = redis.call('ZREVRANGEBYSCORE', index, before_ms, '-inf', 'WITHSCORES', 'LIMIT', skipped, 100)
  for at = 1, #rows, 2 do
    local hash, ms = rows[at], rows[at + 1]
    -- Of the same millisecond the greater hash comes first.
    if ms ~= before_ms or hash < before_hash then
      local members, turns = recall(prefix .. hash, most_turns)
      if members[1] then -- else it has lapsed; a turn takes it off the index
        if #page - 2 >= limit or bytes > most_bytes then
          page[1], page[2] = last_ms, last_hash
          return page
        end
        page[#page + 1] = {ms, hash, members, turns}
        bytes = bytes + #(members[6] or '')
        for _, turn in ipairs(turns) do
          bytes = bytes + #turn
        end
      end
      last_ms, last_hash, looked_at = ms, hash, looked_at + 1
    end
  end
  if #rows == 0 then
    return page
  end
  skipped = skipped + 100
  if looked_at >= MOST_LOOKED_AT then
    page[1], page[2] = last_ms, last_hash
    return page
  end
end
