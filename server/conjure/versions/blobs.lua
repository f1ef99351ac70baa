-- Blobs and who needs them. A blob's count is the versions that are it and the deltas made against it.
-- The hash of counts also has: keyframe (the newest one's address), seq (versions ever made), bytes.

-- The address of the keyframe that a delta was made against; nil for a keyframe (packing.py).
local function keyframe_of(blob)
  if string.sub(blob, 1, 1) == 'D' then
    return string.sub(blob, 2, 65)
  end
  return nil
end

-- Whether what a new blob was made against is there, and can be read by itself.
local function can_be_read(blobs, blob)
  local keyframe = keyframe_of(blob)
  if not keyframe then
    return true
  end
  local found = redis.call('HGET', blobs, keyframe)
  return found and not keyframe_of(found)
end

local function keep(blobs, counts, address, blob)
  redis.call('HSET', blobs, address, blob)
  redis.call('HINCRBY', counts, 'bytes', #blob)
  local keyframe = keyframe_of(blob)
  if keyframe then
    redis.call('HINCRBY', counts, keyframe, 1)
  else
    redis.call('HSET', counts, 'keyframe', address)
  end
end

-- One need less; what nobody needs any more goes, and after a delta perhaps its keyframe.
local function release(blobs, counts, address)
  while address and redis.call('HINCRBY', counts, address, -1) <= 0 do
    local blob = redis.call('HGET', blobs, address)
    redis.call('HDEL', blobs, address)
    redis.call('HDEL', counts, address)
    redis.call('HINCRBY', counts, 'bytes', -#blob)
    if redis.call('HGET', counts, 'keyframe') == address then
      redis.call('HDEL', counts, 'keyframe')
    end
    address = keyframe_of(blob)
  end
end
