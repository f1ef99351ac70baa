
-- What a character remembers of a player, in front of the scripts that read or change it.
--
-- memory   hash, gone when its player has not come back for long:
--   id              names it: the hold of its first turn; one that was forgotten and begins anew has another
--   player          who it is, as session tokens name it
--   turns           how many there ever were: the number of the newest
--   first           number of the oldest that is kept
--   folded          number of the newest that is part of the summary
--   t:<number>      a turn that is kept: `<ms>:<JSON: text, reply, stance>`
--   bytes           of these
--   affect          JSON: v, a, d, rapport
--   summary, welcome   of the turns up to `folded`
--   last            ms of the newest
--   folding, folding_until   who makes the next summary, and the ms until which that is awaited
-- index    sorted set of a character's players: SHA-256 of who it is, to `last`

-- The members that are answered, and of the turns that are kept the newest `most`.
local function recall(memory, most)
  local members = redis.call('HMGET', memory, 'id', 'player', 'turns', 'folded', 'affect', 'summary', 'welcome',
    'last', 'first')
  local turns, first = tonumber(members[3] or 0), tonumber(members[9] or 1)
  first = math.max(first, turns - most + 1)
  if turns < first then
    return members, {}
  end
  local names = {}
  for number = first, turns do
    names[#names + 1] = 't:' .. number
  end
  return members, redis.call('HMGET', memory, unpack(names))
end

-- Forgets what was idle for too long, and who was idle longest where there are too many: some of them with each turn.
local function forget_idle(index, prefix, before, most)
  local idle = redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. before, 'LIMIT', 0, 20)
  local beyond = redis.call('ZCARD', index) - most
  if #idle == 0 and beyond > 0 then
    idle = redis.call('ZRANGE', index, 0, math.min(beyond, 20) - 1)
  end
  for _, player in ipairs(idle) do
    redis.call('UNLINK', prefix .. player)
    redis.call('ZREM', index, player)
  end
end
