
-- Idempotency-Keys: what a key stands for, and what its first call answered (CONTRACT 0).
-- A record is a hash: `body` (SHA-256 of the request), and
--   while the first call runs: `hold`, and `running_until` (ms) at which it is given up for dead;
--   once it was refused by the kernel: `refused`;
--   once it is done: `answer` (JSON of a few ids, never a document; of a turn of a talk what was said), `slug`, `rev`.
-- Records live for a day, so that two releases may meet in one. Before `v` was 2, `response` stood for `answer`, `slug`
-- and `rev`; it is still written, empty, so that a server of that release fails over a record that it cannot read
-- instead of doing and charging the work once more.

-- Answers nil when the key is free for this body; else {'replay', answer, slug, rev}, {'running'},
-- {'refused'} (this body was), {'mismatch'}, or {'corrected'} (another body was refused).
local function first_answer(record, body, now)
  local found = redis.call('HMGET', record, 'body', 'running_until', 'answer', 'refused', 'slug', 'rev', 'response')
  local first_body, running_until, refused = found[1], tonumber(found[2] or 0), found[4]
  local answer = found[3] or found[7]
  if not first_body or (running_until > 0 and running_until <= now and not answer) then
    return nil -- nobody has used it, or the server that did has died and left nothing
  end
  if first_body ~= body then
    return {refused and 'corrected' or 'mismatch'}
  end
  if answer then
    return {'replay', answer, found[5] or '', found[6] or ''}
  end
  return {running_until > now and 'running' or 'refused'}
end

-- Opens a key for the call that has taken a hold, for as long as that lasts.
local function open_record(record, body, hold, hold_ms, now)
  redis.call('DEL', record)
  redis.call('HSET', record, 'body', body, 'hold', hold, 'running_until', now + hold_ms)
  redis.call('PEXPIRE', record, hold_ms)
end

-- Remembers the first answer. `ms`: for how long.
local function remember(record, ms, body, answer, slug, rev)
  redis.call('HDEL', record, 'hold', 'running_until', 'refused')
  redis.call('HSET', record, 'v', 2, 'body', body, 'answer', answer, 'slug', slug, 'rev', rev, 'response', '{}')
  redis.call('PEXPIRE', record, ms)
end
