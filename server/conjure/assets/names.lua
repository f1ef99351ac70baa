-- Which assets the documents of a world name, in front of every script that stores or removes a document.
--
-- names   hash of a world: document ('doc' is the working one, a version has its id, a picture of a state
--         'picture:' and what it is known by, see player/remember.lua) to the assets that it names,
--         64 characters each, sorted; a document that names none has no member
-- counts  hash of a world: asset to how many of these documents name it. Also `bytes`, of all in `names`, and `seq`,
--         of the last version (versions/blobs.lua) that this was kept for
-- The world's own hash has `named`: the revision whose document `doc` stands for. An earlier release that changes a
-- world leaves `named` and `seq` behind, so that it shows; then more may be named than is counted (named.lua).

-- Sets what a document names ('' is nothing). Answers which assets no document of the world names any more.
local function set_names(names, counts, document, new)
  local old = redis.call('HGET', names, document) or ''
  local dropped = {}
  if new == old then
    return dropped
  end
  for at = 1, #new, 64 do
    redis.call('HINCRBY', counts, string.sub(new, at, at + 63), 1)
  end
  for at = 1, #old, 64 do
    local asset = string.sub(old, at, at + 63)
    if redis.call('HINCRBY', counts, asset, -1) <= 0 then
      redis.call('HDEL', counts, asset)
      dropped[#dropped + 1] = asset
    end
  end
  redis.call('HINCRBY', counts, 'bytes', #new - #old)
  if new == '' then
    redis.call('HDEL', names, document)
  else
    redis.call('HSET', names, document, new)
  end
  return dropped
end

-- Notes that what the newest version names is counted, if that holds of all before it.
local function note_version(counts, seq)
  if tonumber(redis.call('HGET', counts, 'seq') or 0) == seq - 1 then
    redis.call('HSET', counts, 'seq', seq)
  end
end

-- Of one world, in `names`: some 64,000 names, for as many versions as there may be with six each.
local MOST_NAMES_BYTES = 4194304
