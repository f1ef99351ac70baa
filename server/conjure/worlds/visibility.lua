
-- Changes who may see a world. The directory of public worlds is in another slot and follows (directory.py): each
-- change has a number that only grows, also when the store has lost some (so the clock is part of it), and is
-- `unconfirmed` until the directory has it.
local function change_visibility(world, visibility, now)
  local found = redis.call('HMGET', world, 'visibility', 'visibility_seq')
  if found[1] ~= visibility then
    local seq = string.format('%d', math.max((tonumber(found[2]) or 0) + 1, now))
    redis.call('HSET', world, 'visibility', visibility, 'visibility_seq', seq, 'unconfirmed', seq,
      'updated', now)
  end
end
