-- Forgets some players of a character that was deleted. Repeating it does no harm.
-- Answers 1 if there are more, else 0; of a character that is there nobody is forgotten.
local world, index = KEYS[1], KEYS[2]
local prefix = ARGV[1] -- of keys of its memories
if redis.call('EXISTS', world) == 1 then
  return 0
end
return forget_players(index, prefix, 1000) and 1 or 0
