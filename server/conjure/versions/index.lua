-- The index of a world's versions in the order of their creation: members `<created>:<seq, 12 digits>:<id>`.

local function version_member(created, seq, id)
  return index_member(created, string.format('%012d:%s', seq, id))
end

local function version_of_member(member)
  return string.sub(member, 28)
end

-- Whether the index can have all versions: those that an older release has saved are in none.
local function is_indexed(versions, index)
  return redis.call('ZCARD', index) == redis.call('HLEN', versions)
end

local function make_index(versions, index)
  redis.call('DEL', index)
  local all = redis.call('HGETALL', versions)
  for i = 1, #all, 2 do
    local node = cjson.decode(all[i + 1])
    redis.call('ZADD', index, 0, version_member(node.created, node.seq, all[i]))
  end
end

-- When a version made now was created, in ms. Never before the one that is last, also when the clock has gone
-- back: so a new version stands at the end, and who reads page after page meets it.
local function created_now(index)
  local last = redis.call('ZREVRANGE', index, 0, 0)[1]
  return math.max(now_ms(), last and tonumber(string.sub(last, 1, 13)) or 0)
end
