-- Ends a change of the security epoch, unless another one has begun meanwhile: that one settles both.
local epoch = KEYS[1]
local under_way, settled = ARGV[1], ARGV[2]

if redis.call('GET', epoch) == under_way then
  redis.call('SET', epoch, settled)
end
return 1
