-- Live sessions, the one that ends first first. KEYS: leases.
-- ARGV: end ms and jti after which to start (0 and '' at first), how many, key prefix of a lease.
-- Answers: for each {jti, end, world, player, start, charged}.
local from = math.max(tonumber(ARGV[1]), now_ms() + 1)
local want = tonumber(ARGV[3])
local answer = {}
local offset = 0
while #answer < want do
  local found = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', offset, want)
  if #found == 0 then
    break
  end
  offset = offset + want
  for i = 1, #found, 2 do
    local jti, finish = found[i], found[i + 1]
    local after = tonumber(finish) > tonumber(ARGV[1]) or jti > ARGV[2]
    if after and #answer < want then
      local lease = redis.call('HMGET', ARGV[4] .. jti, 'world', 'player', 'start', 'charged')
      if lease[1] then
        answer[#answer + 1] = {jti, finish, lease[1], lease[2], lease[3], lease[4]}
      end
    end
  end
end
return answer
