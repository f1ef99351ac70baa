-- Lets a session's call about its character in: it is there, the token was not revoked, and a unit is held.
-- An Idempotency-Key, when there is one, is opened with the hold. Asking again with the same hold changes nothing, but
-- where it is refused now: then nothing is held, and the key is free.
-- Answers: {'gone'} (also a world that is no character), {'revoked'}, {'quota'}, what `first_answer` says of the key,
--          or {'ok', rev, doc ('' when the caller has this revision), members of the memory, its newest turns}.
local world, lease_key, usage, caps, holds = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local known_rev, unit, default_cap, hold, hold_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] -- unit: '' for none
local most_turns = tonumber(ARGV[6]) -- so many of the newest are answered
local body = ARGV[7] -- of the request that comes with an Idempotency-Key; '' for none
local idle_ms, player_hash = ARGV[8], ARGV[9]
local record = body ~= '' and KEYS[6]
local at = record and 6 or 5
local memory = KEYS[at + 1] -- of a player that has a name
local index = KEYS[at + 2] -- when the call shows that the player is there

local found = redis.call('HMGET', world, 'rev', 'kind')
local rev = found[1]
local refusal = (not rev or found[2] ~= 'character') and 'gone' or is_revoked(lease_key) and 'revoked'
if refusal then
  if unit ~= '' then
    redis.call('ZREM', holds, hold)
  end
  if record and redis.call('HGET', record, 'hold') == hold then
    redis.call('DEL', record)
  end
  return {refusal}
end
if unit ~= '' and not redis.call('ZSCORE', holds, hold) then
  local now = now_ms()
  local first = record and first_answer(record, body, now)
  if first then
    return first
  end
  if not take_hold(usage, caps, holds, unit, default_cap, hold, hold_ms, now) then
    return {'quota'}
  end
  if record then
    open_record(record, body, hold, hold_ms, now)
  end
end
local doc = rev ~= known_rev and redis.call('HGET', world, 'doc') or ''
if not memory then
  return {'ok', rev, doc}
end
if index and redis.call('PEXPIRE', memory, idle_ms) == 1 then
  redis.call('ZADD', index, 'XX', now_ms(), player_hash)
end
local members, turns = recall(memory, most_turns)
return {'ok', rev, doc, members, turns}
