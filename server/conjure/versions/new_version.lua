-- Adding a version: every script that makes one calls these, so that it and what belongs to it are one step.

-- What keeps a version from being added, as the answer of the script; nil when nothing does.
-- `blob` is '' when it is not packed yet.
local function version_problem(versions, blobs, counts, asset_names, asset_counts, address, blob, most_versions, most_bytes)
  if redis.call('HLEN', versions) >= most_versions then
    return {'versions'}
  end
  local assets = redis.call('HGET', asset_names, 'doc') or ''
  if assets ~= '' and (tonumber(redis.call('HGET', asset_counts, 'bytes')) or 0) + #assets > MOST_NAMES_BYTES then
    return {'assets'}
  end
  if redis.call('HEXISTS', blobs, address) == 1 then
    return nil
  end
  if blob == '' or not can_be_read(blobs, blob) then
    local newest = redis.call('HGET', counts, 'keyframe')
    return {'keyframe', newest or '', newest and redis.call('HGET', blobs, newest) or ''}
  end
  if (tonumber(redis.call('HGET', counts, 'bytes')) or 0) + #blob > most_bytes then
    return {'bytes'}
  end
  return nil
end

-- Whether it is known which assets the working document names, so that those of a version of it can be counted.
-- `names_nothing`: none does; that is known although an earlier release has written it.
local function is_counted(world, rev, named, asset_names, asset_counts, names_nothing)
  if named ~= rev and names_nothing then
    set_names(asset_names, asset_counts, 'doc', '')
    redis.call('HSET', world, 'named', rev)
  end
  return named == rev or names_nothing
end

-- Adds a version that has no problem, and answers its node. `parent` is an id, or cjson.null; `title` is JSON.
-- `onto_head`: HEAD moves to it. `is_counted`: it is known which assets the working document names, so the version's are.
local function add_version(world, versions, blobs, counts, index, asset_names, asset_counts, is_counted,
    id, parent, onto_head, source, title, address, blob)
  if redis.call('HEXISTS', blobs, address) == 0 then
    keep(blobs, counts, address, blob)
  end
  redis.call('HINCRBY', counts, address, 1)
  if not is_indexed(versions, index) then
    make_index(versions, index)
  end
  local seq, created = redis.call('HINCRBY', counts, 'seq', 1), created_now(index)
  local node = cjson.encode({
    seq = seq, parent = parent, source = source,
    title = cjson.decode(title), created = created, blob = address,
  })
  redis.call('HSET', versions, id, node)
  if is_counted then
    set_names(asset_names, asset_counts, id, redis.call('HGET', asset_names, 'doc') or '')
    note_version(asset_counts, seq)
  end
  redis.call('ZADD', index, 0, version_member(created, seq, id))
  if onto_head then
    redis.call('HSET', world, 'head', id)
  end
  return node
end
