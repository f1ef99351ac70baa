-- Entries of durable work (queue/README.md), in front of the scripts that put, finish or look at them.
-- All keys are of one tenant: one slot.
--
-- lanes     set: `<kind>:<lane>` of each lane that has entries, and `dead:<kind>` once something was buried
-- ready     sorted set: entry id to the ms from which on it may be claimed
-- claimed   sorted set: entry id to the ms at which its claim lapses
-- entry     hash: payload, lane, attempts, created (ms), and while it is claimed: token; cause of the last failure

-- Adds an entry. Does nothing when it is there already.
local function queue_put(lanes, ready, entry, kind, lane, id, due_ms, payload)
  if redis.call('HSETNX', entry, 'payload', payload) == 0 then
    return
  end
  redis.call('HSET', entry, 'lane', lane, 'attempts', 0, 'created', now_ms())
  redis.call('ZADD', ready, due_ms, id)
  redis.call('SADD', lanes, kind .. ':' .. lane)
end

-- Adds what happened, for the endpoints that want to be told. `data_json`: the text of a JSON object.
local function queue_event(lanes, ready, entry, id, type, data_json, now)
  local payload = string.format('{"type":"%s","created":%d,"data":%s}', type, math.floor(now / 1000), data_json)
  queue_put(lanes, ready, entry, 'events', '', id, now, payload)
end

-- Whether the claim with this token still holds.
local function queue_is_claimed(entry, token)
  return redis.call('HGET', entry, 'token') == token
end

-- Forgets a lane without entries, so that the sweep passes it by.
local function queue_tidy(lanes, ready, claimed, kind, lane)
  if redis.call('EXISTS', ready, claimed) == 0 then
    redis.call('SREM', lanes, kind .. ':' .. lane)
  end
end

-- Removes an entry, whether it is claimed or not.
local function queue_remove(lanes, ready, claimed, entry, kind, lane, id)
  redis.call('ZREM', ready, id)
  redis.call('ZREM', claimed, id)
  redis.call('DEL', entry)
  queue_tidy(lanes, ready, claimed, kind, lane)
end
