-- Live sessions, the one that ends first first.
-- Answers: for each {jti, end, world, player, start, charged, tracked}.
local leases = KEYS[1]
local after_ms, after_jti = tonumber(ARGV[1]), ARGV[2] -- 0 and '' at first
local want, lease_prefix = tonumber(ARGV[3]), ARGV[4]
local from = math.max(after_ms, now_ms() + 1)
local answer = {}
local offset = 0
while #answer < want do
  local found = redis.call('ZRANGEBYSCORE', leases, from, '+inf', 'WITHSCORES', 'LIMIT', offset, want)
  if #found == 0 then
    break
  end
  offset = offset + want
  for i = 1, #found, 2 do
    local jti, finish = found[i], found[i + 1]
    local after = tonumber(finish) > after_ms or jti > after_jti
    if after and #answer < want then
      local lease = redis.call('HMGET', lease_prefix .. jti, 'world', 'player', 'start', 'charged', 'tracked')
      if lease[1] then
        answer[#answer + 1] = {jti, finish, lease[1], lease[2], lease[3], lease[4], lease[5] or ''}
      end
    end
  end
end
return answer
