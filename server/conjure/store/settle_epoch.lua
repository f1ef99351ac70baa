-- Ends a change of the security epoch by moving it once more, to a value that was never there: also when another
-- change was settled meanwhile, as processes trust their caches again since then. Only a change that is under way
-- is left alone: its own end moves the epoch.
local epoch = KEYS[1]
local under_way, settled, changing = ARGV[1], ARGV[2], ARGV[3]

local value = redis.call('GET', epoch)
local is_anothers = value and value ~= under_way and string.sub(value, 1, #changing) == changing
if not is_anothers then
  local time = redis.call('TIME')
  redis.call('SET', epoch, settled .. '-' .. time[1] .. time[2])
end
return 1
