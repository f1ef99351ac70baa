-- Adds a version, if the world still is the revision whose document was packed.
-- `parent`: '' is HEAD; `source`: '' goes by the place; `title` is JSON; `blob` is '' when it is not packed yet.
-- Answers: {'made', node}, {'gone'}, {'no parent'}, {'conflict'} (with what is asserted), {'versions'}, {'bytes'} or
-- {'assets'} (as many as there may be), {'stale', rev, doc}, or {'keyframe', address, blob}: pack it against this one ('' when
-- there is none); or what `first_answer` says of the Idempotency-Key.
local world, versions, blobs, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local index, asset_names, asset_counts, record = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local id, packed_rev, parent, source, title = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local most_versions, most_bytes, address, blob = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], ARGV[9]
local asserted, names_nothing = ARGV[10], ARGV[11] == '1' -- of assets, the document that was packed
local body, remember_ms = ARGV[12], ARGV[13]

local made = redis.call('HGET', versions, id)
if made then
  return {'made', made} -- asked again: it is there already
end
local found = redis.call('HMGET', world, 'rev', 'head', 'named')
local rev, head, named = found[1], found[2], found[3]
if not rev then
  return {'gone'}
end
if record then
  local first = first_answer(record, body, now_ms())
  if first then
    return first
  end
end
if parent ~= '' and redis.call('HEXISTS', versions, parent) == 0 then
  return {'no parent'}
end
if not allows(asserted, rev) then
  return {'conflict'}
end
if redis.call('HLEN', versions) >= most_versions then
  return {'versions'}
end
if rev ~= packed_rev then
  return {'stale', rev, redis.call('HGET', world, 'doc')}
end
local assets = redis.call('HGET', asset_names, 'doc') or ''
if assets ~= '' and (tonumber(redis.call('HGET', asset_counts, 'bytes')) or 0) + #assets > MOST_NAMES_BYTES then
  return {'assets'}
end
if redis.call('HEXISTS', blobs, address) == 0 then
  if blob == '' or not can_be_read(blobs, blob) then
    local newest = redis.call('HGET', counts, 'keyframe')
    return {'keyframe', newest or '', newest and redis.call('HGET', blobs, newest) or ''}
  end
  if (tonumber(redis.call('HGET', counts, 'bytes')) or 0) + #blob > most_bytes then
    return {'bytes'}
  end
  keep(blobs, counts, address, blob)
end
redis.call('HINCRBY', counts, address, 1)
local onto_head = parent == '' or parent == head
if parent == '' then
  parent = head or cjson.null
end
if source == '' then
  source = onto_head and 'save' or 'branch'
end
if not is_indexed(versions, index) then
  make_index(versions, index)
end
local seq, created = redis.call('HINCRBY', counts, 'seq', 1), created_now(index)
local node = cjson.encode({
  seq = seq, parent = parent, source = source,
  title = cjson.decode(title), created = created, blob = address,
})
redis.call('HSET', versions, id, node)
if named ~= rev and names_nothing then -- an earlier release has written it: that much is known of it
  set_names(asset_names, asset_counts, 'doc', '')
  redis.call('HSET', world, 'named', rev)
  named, assets = rev, ''
end
if named == rev then
  set_names(asset_names, asset_counts, id, assets)
  note_version(asset_counts, seq)
end
redis.call('ZADD', index, 0, version_member(created, seq, id))
if onto_head then
  redis.call('HSET', world, 'head', id)
end
if record then
  remember(record, remember_ms, body, '{"id":"' .. id .. '","node":' .. node .. '}', '', rev)
end
return {'made', node}
