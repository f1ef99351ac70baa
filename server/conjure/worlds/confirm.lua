-- Notes that the directory of public worlds has a change of visibility, unless there is a later one.
local world = KEYS[1]
local seq = ARGV[1]

if redis.call('HGET', world, 'unconfirmed') == seq then
  redis.call('HDEL', world, 'unconfirmed')
end
return 1
