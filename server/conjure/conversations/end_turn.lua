-- Ends a turn: its unit is spent, its answer remembered under the Idempotency-Key, when there is one, and of a player
-- that has a name the turn is kept. Idempotent under the effect key.
-- Answers: 'kept', 'gone' (the character was deleted meanwhile) or 'lapsed' (the hold): then nothing may be answered.
local effect, world, usage, holds = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local unit, hold, effect_ms = ARGV[1], ARGV[2], ARGV[3]
local body, answer, remember_ms = ARGV[4], ARGV[5], ARGV[6] -- body: '' without an Idempotency-Key
local turn, affect, player, player_hash = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local most_turns, most_bytes = tonumber(ARGV[11]), tonumber(ARGV[12])
local idle_ms, most_players, prefix = tonumber(ARGV[13]), tonumber(ARGV[14]), ARGV[15] -- prefix: of keys of memories
local record = body ~= '' and KEYS[5]
local at = record and 5 or 4
local memory, index = KEYS[at + 1], KEYS[at + 2] -- of a player that has a name

if redis.call('EXISTS', effect) == 1 then
  return 'kept'
end
if not redis.call('HGET', world, 'rev') then
  redis.call('ZREM', holds, hold)
  return 'gone'
end
local now = now_ms()
if not spend_hold(usage, holds, unit, hold, now) then
  return 'lapsed'
end
redis.call('SET', effect, 1, 'PX', effect_ms)
if record then
  remember(record, remember_ms, body, answer, '', '')
end
if not memory then
  return 'kept'
end

local found = redis.call('HMGET', memory, 'turns', 'first', 'bytes')
local number = tonumber(found[1] or 0) + 1
local first = tonumber(found[2] or 1)
local entry = now .. ':' .. turn
local bytes = tonumber(found[3] or 0) + #entry
if number == 1 then
  redis.call('HSET', memory, 'id', hold, 'player', player, 'folded', 0)
end
while first < number and (number - first >= most_turns or bytes > most_bytes) do
  bytes = bytes - redis.call('HSTRLEN', memory, 't:' .. first)
  redis.call('HDEL', memory, 't:' .. first)
  first = first + 1
end
redis.call('HSET', memory, 't:' .. number, entry, 'turns', number, 'first', first, 'bytes', bytes, 'affect', affect,
  'last', now)
redis.call('PEXPIRE', memory, idle_ms)
redis.call('ZADD', index, now, player_hash)
forget_idle(index, prefix, now - idle_ms, most_players)
return 'kept'
