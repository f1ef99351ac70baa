-- Remembers the picture of a state as something that its world names, and spends the unit that was held for it, if one
-- was: all or nothing. What a model has drawn is spent also when nobody needs it any more: it was paid for. Asking again
-- with the same effect key changes nothing.
--
-- pictures   hash of a world: SHA-256 of what was drawn to `<made ms>:<again ms>:<asset>.<extension>`.
--            `again` is 0 for what a model has drawn. For a drawing of ours it is when a model may be asked, where there is
--            one: until then it is answered, so that what failed once is not asked for all the time.
--
-- Answers: {'ok', entry, assets that no document of the world names any more}; {'there', entry}: another one was first;
-- {'gone'}: the world; {'lapsed'}: the hold, nothing is stored; or {'full', all of `pictures`}: some have to go first.
local world, pictures, asset_names, asset_counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local effect, usage, holds = KEYS[5], KEYS[6], KEYS[7]
local picture, asset, extension, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local unit, hold, effect_ms = ARGV[5], ARGV[6], ARGV[7] -- hold: '' for a drawing of ours
local wait_ms = tonumber(ARGV[8]) -- of a drawing of ours: how long no model is asked
local leaving = {unpack(ARGV, 9)} -- those that have to go

local done = redis.call('GET', effect)
if done then
  return {'ok', done}
end
local now = now_ms()
local function spend()
  return hold == '' or spend_hold(usage, holds, unit, hold, now)
end
if redis.call('EXISTS', world) == 0 then
  spend() -- or deleting worlds while a model draws would have it draw for nothing
  return {'gone'}
end
local old = redis.call('HGET', pictures, picture)
local old_again = old and tonumber(string.match(old, '^%d+:(%d+):'))
if old_again == 0 or (old_again and hold == '' and old_again > now) then
  spend()
  return {'there', old}
end
local dropped = {}
local function name(one, what)
  for _, unnamed in ipairs(set_names(asset_names, asset_counts, 'picture:' .. one, what)) do
    dropped[#dropped + 1] = unnamed
  end
end
if not old then
  for _, one in ipairs(leaving) do
    if redis.call('HDEL', pictures, one) == 1 then
      name(one, '')
    end
  end
  if redis.call('HLEN', pictures) >= most then
    return {'full', redis.call('HGETALL', pictures)}
  end
end
if not spend() then
  return {'lapsed'}
end
local again = hold == '' and now + wait_ms or 0
local entry = string.format('%d:%d:%s.%s', now, again, asset, extension)
redis.call('HSET', pictures, picture, entry)
name(picture, asset)
redis.call('SET', effect, entry, 'PX', effect_ms)
return {'ok', entry, unpack(dropped)}
