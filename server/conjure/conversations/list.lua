-- A page of what a character remembers, the player it talked to last first.
-- Answers nil when there is no such character; else {1 if there is more, then of each player: ms, hash, members, turns}.
local world, index = KEYS[1], KEYS[2]
local before_ms, before_hash = ARGV[1], ARGV[2] -- the last row of the page before; '+inf' and '' for the first page
local limit, most_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local prefix, most_turns = ARGV[5], tonumber(ARGV[6]) -- prefix: of keys of memories
local only = ARGV[7] -- one player's hash, or ''

if redis.call('HGET', world, 'kind') ~= 'character' then
  return false
end
if only ~= '' then
  local ms = redis.call('ZSCORE', index, only)
  local members, turns = recall(prefix .. only, most_turns)
  return ms and members[1] and {0, {ms, only, members, turns}} or {0}
end
local page, bytes, skipped = {0}, 0, 0
while true do
  local rows = redis.call('ZREVRANGEBYSCORE', index, before_ms, '-inf', 'WITHSCORES', 'LIMIT', skipped, limit + 1)
  for at = 1, #rows, 2 do
    local hash, ms = rows[at], rows[at + 1]
    -- Of the same millisecond the greater hash comes first.
    if ms ~= before_ms or hash < before_hash then
      local members, turns = recall(prefix .. hash, most_turns)
      if members[1] then -- else it is forgotten; the next turn takes it off the index
        if #page > limit or bytes > most_bytes then
          page[1] = 1
          return page
        end
        page[#page + 1] = {ms, hash, members, turns}
        for _, turn in ipairs(turns) do
          bytes = bytes + #turn
        end
      end
    end
  end
  if #rows == 0 then
    return page
  end
  skipped = skipped + limit + 1
end
