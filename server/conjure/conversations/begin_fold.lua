-- Begins to fold the turns of a player into the summary, unless there are none, or somebody is at it already.
-- Asking again with the same token changes nothing.
-- Answers: {'gone'}, {'revoked'}, or
--          {'ok' or 'idle', rev, doc ('' when the caller has this revision), members, turns}.
local world, lease_key, memory = KEYS[1], KEYS[2], KEYS[3]
local known_rev, token, claim_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local most_turns = tonumber(ARGV[4])

local found = redis.call('HMGET', world, 'rev', 'kind')
local rev = found[1]
if not rev or found[2] ~= 'character' then
  return {'gone'}
end
if is_revoked(lease_key) then
  return {'revoked'}
end
local doc = rev ~= known_rev and redis.call('HGET', world, 'doc') or ''
local members, turns = recall(memory, most_turns)
if #turns == 0 then
  return {'idle', rev, doc, members, turns}
end
local now = now_ms()
local folding = redis.call('HMGET', memory, 'folding', 'folding_until')
if folding[1] and folding[1] ~= token and tonumber(folding[2] or 0) > now then
  return {'idle', rev, doc, members, turns}
end
redis.call('HSET', memory, 'folding', token, 'folding_until', now + claim_ms)
return {'ok', rev, doc, members, turns}
