-- Brings the caps of a tenant within their bounds, as `cap_of` reads them: what is no number goes, the rest is a whole
-- number from 0 to the highest. Idempotent. Answers how many it has changed.
local caps = KEYS[1]

local found, changed = redis.call('HGETALL', caps), 0
for i = 1, #found, 2 do
  local unit, text = found[i], found[i + 1]
  local own = tonumber(text)
  if not own or own ~= own then
    redis.call('HDEL', caps, unit)
    changed = changed + 1
  else
    local bounded = string.format('%d', math.max(0, math.min(math.floor(own), MOST_UNITS)))
    if bounded ~= text then
      redis.call('HSET', caps, unit, bounded)
      changed = changed + 1
    end
  end
end
return changed
