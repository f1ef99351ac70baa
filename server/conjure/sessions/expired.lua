-- The places whose end has passed, some of them: where sessions have run out.
-- Answers: how many there are, and {member, end} for each of some that follow each other.
local places = KEYS[1]
local want = tonumber(ARGV[1])
local part = tonumber(ARGV[2]) -- from 0 to 1: where to begin, so that those who look at once see different ones
local now = now_ms()
local count = redis.call('ZCOUNT', places, '-inf', now)
local offset = math.floor(part * math.min(math.max(0, count - want), 20 * want)) -- bounded, as it costs
return {count, redis.call('ZRANGEBYSCORE', places, '-inf', now, 'WITHSCORES', 'LIMIT', offset, want)}
