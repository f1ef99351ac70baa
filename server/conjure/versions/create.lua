-- Adds a version, if the world still is the revision whose document was packed.
-- KEYS: world, versions, blobs, counts.
-- ARGV: version id, revision, parent ('' is HEAD), source ('': by the place), title (JSON), most versions,
-- most bytes, address, blob ('' when it is not packed yet).
-- Answers: {'made', node}, {'gone'}, {'no parent'}, {'versions'} or {'bytes'} (as many as there may be),
-- {'stale', rev, doc}, or {'keyframe', address, blob}: pack it against this one ('' when there is none).
local id, parent, source, address, blob = ARGV[1], ARGV[3], ARGV[4], ARGV[8], ARGV[9]
local made = redis.call('HGET', KEYS[2], id)
if made then
  return {'made', made} -- asked again: it is there already
end
local found = redis.call('HMGET', KEYS[1], 'rev', 'head')
local rev, head = found[1], found[2]
if not rev then
  return {'gone'}
end
if parent ~= '' and redis.call('HEXISTS', KEYS[2], parent) == 0 then
  return {'no parent'}
end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[6]) then
  return {'versions'}
end
if rev ~= ARGV[2] then
  return {'stale', rev, redis.call('HGET', KEYS[1], 'doc')}
end
if redis.call('HEXISTS', KEYS[3], address) == 0 then
  if blob == '' or not can_be_read(KEYS[3], blob) then
    local newest = redis.call('HGET', KEYS[4], 'keyframe')
    return {'keyframe', newest or '', newest and redis.call('HGET', KEYS[3], newest) or ''}
  end
  if (tonumber(redis.call('HGET', KEYS[4], 'bytes')) or 0) + #blob > tonumber(ARGV[7]) then
    return {'bytes'}
  end
  keep(KEYS[3], KEYS[4], address, blob)
end
redis.call('HINCRBY', KEYS[4], address, 1)
local onto_head = parent == '' or parent == head
if parent == '' then
  parent = head or cjson.null
end
if source == '' then
  source = onto_head and 'save' or 'branch'
end
local node = cjson.encode({
  seq = redis.call('HINCRBY', KEYS[4], 'seq', 1), parent = parent, source = source,
  title = cjson.decode(ARGV[5]), created = now_ms(), blob = address,
})
redis.call('HSET', KEYS[2], id, node)
if onto_head then
  redis.call('HSET', KEYS[1], 'head', id)
end
return {'made', node}
