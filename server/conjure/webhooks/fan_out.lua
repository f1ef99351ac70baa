-- Ends an event and queues a delivery of it for each webhook that wants to be told: all or nothing. Does nothing when
-- the claim is lost.
-- KEYS after the first four: ready and entry of each delivery. ARGV after the third: webhook (its lane) and entry id
-- of each.
-- Answers: 1, or 0 when the claim is lost.
local lanes, ready, claimed, event = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, token, body = ARGV[1], ARGV[2], ARGV[3]
local keys = {unpack(KEYS, 5)}
local names = {unpack(ARGV, 4)}

if not queue_is_claimed(event, token) then
  return 0
end
local now = now_ms()
for i = 1, #names, 2 do
  queue_put(lanes, keys[i], keys[i + 1], 'deliveries', names[i], names[i + 1], now, body)
end
queue_remove(lanes, ready, claimed, event, 'events', '', id)
return 1
