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
if rev ~= packed_rev then
  return {'stale', rev, redis.call('HGET', world, 'doc')}
end
local problem = version_problem(versions, blobs, counts, asset_names, asset_counts, address, blob, most_versions, most_bytes)
if problem then
  return problem
end
local onto_head = parent == '' or parent == head
if parent == '' then
  parent = head or cjson.null
end
if source == '' then
  source = onto_head and 'save' or 'branch'
end
local is_counted = is_counted(world, rev, named, asset_names, asset_counts, names_nothing)
local node = add_version(world, versions, blobs, counts, index, asset_names, asset_counts, is_counted,
  id, parent, onto_head, source, title, address, blob)
if record then
  remember(record, remember_ms, body, '{"id":"' .. id .. '","node":' .. node .. '}', '', rev)
end
return {'made', node}
