-- Forgets a player. Repeating it does no harm. Answers 1, or 0 when there is no such character.
local world, memory, index = KEYS[1], KEYS[2], KEYS[3]
local player_hash = ARGV[1]
if redis.call('HGET', world, 'kind') ~= 'character' then
  return 0
end
redis.call('UNLINK', memory)
redis.call('ZREM', index, player_hash)
return 1
