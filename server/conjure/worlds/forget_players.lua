
-- Forgets the players of a character, up to a number, in front of the scripts that do so when it is deleted.
-- `prefix`: of the keys of its memories. Answers whether there are more.
local function forget_players(index, prefix, most)
  local players = redis.call('ZRANGE', index, 0, most - 1)
  if #players == 0 then
    return false
  end
  local keys = {}
  for at, player in ipairs(players) do
    keys[at] = prefix .. player
  end
  redis.call('UNLINK', unpack(keys))
  redis.call('ZREM', index, unpack(players))
  return redis.call('EXISTS', index) == 1
end
