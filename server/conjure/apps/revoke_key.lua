-- Begins to revoke a key: whoever lists it looks from here on whether it works still. Repeating it does no harm.
-- Answers: its SHA-256 and 1 if it is revoked and all know; or nil, when there is no such key.
local keys, revoked, steps = KEYS[1], KEYS[2], KEYS[3]
local id = ARGV[1]

local digest = redis.call('HGET', keys, id)
if not digest then
  return nil
end
if redis.call('ZSCORE', revoked, id) then
  return {digest, 1}
end
redis.call('HSET', steps, 'revoked:' .. id, 1)
return {digest, 0}
