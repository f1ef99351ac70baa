-- Reads versions with all that their snapshots take.
-- Answers: nil when the world or one of them is not there, else the world's revision, then for each its
-- node, its blob, and its keyframe or ''.
local world, versions, blobs = KEYS[1], KEYS[2], KEYS[3]
local ids = ARGV

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
  local blob = redis.call('HGET', blobs, cjson.decode(node).blob)
  local keyframe = keyframe_of(blob)
  answer[#answer + 1] = node
  answer[#answer + 1] = blob
  answer[#answer + 1] = keyframe and redis.call('HGET', blobs, keyframe) or ''
end
return answer
