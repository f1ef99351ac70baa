-- Reads versions with all that their snapshots take. KEYS: world, versions, blobs. ARGV: their ids.
-- Answers: nil when the world or one of them is not there, else the world's revision, then for each its
-- node, its blob, and its keyframe or ''.
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev then
  return nil
end
local answer = {rev}
for _, id in ipairs(ARGV) do
  local node = redis.call('HGET', KEYS[2], id)
  if not node then
    return nil
  end
  local blob = redis.call('HGET', KEYS[3], cjson.decode(node).blob)
  local keyframe = keyframe_of(blob)
  answer[#answer + 1] = node
  answer[#answer + 1] = blob
  answer[#answer + 1] = keyframe and redis.call('HGET', KEYS[3], keyframe) or ''
end
return answer
