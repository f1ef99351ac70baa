
-- Whether a session's token was revoked (end.lua), in front of the scripts of other domains that a token may call.
local function is_revoked(lease_key)
  return redis.call('HEXISTS', lease_key, 'revoked') == 1
end
