-- Lets a session's call about its world in: the world is there, and the token was not revoked.
-- Answers: {'gone'}, {'revoked'}, or {'ok', rev, doc ('' when the caller has this revision), the entry of the picture
-- ('' when there is none; remember.lua has the form), the store's ms}.
local world, lease_key, pictures = KEYS[1], KEYS[2], KEYS[3]
local known_rev, picture = ARGV[1], ARGV[2] -- picture: '' for none

local rev = redis.call('HGET', world, 'rev')
if not rev then
  return {'gone'}
end
if is_revoked(lease_key) then
  return {'revoked'}
end
local doc = rev ~= known_rev and redis.call('HGET', world, 'doc') or ''
return {'ok', rev, doc, picture ~= '' and redis.call('HGET', pictures, picture) or '', now_ms()}
