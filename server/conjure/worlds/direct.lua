-- Puts a world into the directory of public worlds, or takes it out, unless a later step was here before.
-- Answers: 1, or 0 when one was.
local entry, last_step = KEYS[1], KEYS[2]
local seq, tag, keep_ms = ARGV[1], ARGV[2], ARGV[3] -- no tag: out

local last = redis.call('GET', last_step)
if last and tonumber(last) > tonumber(seq) then
  return 0
end
if tag == '' then
  redis.call('DEL', entry)
else
  redis.call('SET', entry, tag)
end
redis.call('SET', last_step, seq, 'PX', keep_ms)
return 1
