-- Reads versions with all that their snapshots take.
-- Answers: nil when the world or one of them is not there, else the world's revision, then for each its
-- node, its blob, and its keyframe or '' (nil for what is longer than the caller takes).
local world, versions, blobs = KEYS[1], KEYS[2], KEYS[3]
local most_bytes = tonumber(table.remove(ARGV, 1)) -- or nil
local ids = ARGV

local function within(address)
  if most_bytes and redis.call('HSTRLEN', blobs, address) > most_bytes then
    return false
  end
  return redis.call('HGET', blobs, address)
end

local rev = redis.call('HGET', world, 'rev')
if not rev then
  return nil
end
local answer = {rev}
for _, id in ipairs(ids) do
  local node = redis.call('HGET', versions, id)
  if not node then
    return nil
  end
  local blob = within(cjson.decode(node).blob)
  local keyframe = blob and keyframe_of(blob)
  answer[#answer + 1] = node
  answer[#answer + 1] = blob
  answer[#answer + 1] = not keyframe and '' or within(keyframe)
end
return answer
