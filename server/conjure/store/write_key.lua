-- Writes a key, or a part of one, as another store had it (copying.py). Asked again it changes nothing.
-- `has`: how many elements of a list are there already; -1: the key begins anew.
-- `expires`: the ms at which it lapses, -1: never. Values are from the fourth argument on; of a stream: id, how many
-- texts, the texts.
local key = KEYS[1]
local kind, expires, has, values = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV

local COMMANDS = {hash = 'HSET', set = 'SADD', zset = 'ZADD', list = 'RPUSH'}
local FIRST, AT_ONCE = 4, 1000 -- Lua unpacks no more than 8,000

if has < 0 then
  redis.call('DEL', key)
end
if kind == 'string' then
  redis.call('SET', key, values[FIRST])
elseif kind == 'stream' then
  local at = FIRST
  while at < #values do
    local last = at + 1 + tonumber(values[at + 1])
    local added = redis.pcall('XADD', key, values[at], unpack(values, at + 2, last))
    if type(added) == 'table' and added.err and not string.find(added.err, 'equal or smaller', 1, true) then
      return added
    end
    at = last + 1
  end
elseif kind ~= 'list' or has < 0 or redis.call('LLEN', key) == has then
  for first = FIRST, #values, AT_ONCE do
    redis.call(COMMANDS[kind], key, unpack(values, first, math.min(first + AT_ONCE - 1, #values)))
  end
end
if expires ~= '-1' then
  redis.call('PEXPIREAT', key, expires)
end
return 1
