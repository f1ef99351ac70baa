-- Stores a new world, lists it, names it, and spends the unit that was held for it: all or nothing.
-- Answers: {rev, slug or ''}; rev is 0 when the hold has lapsed (nothing is stored then).
local world, index, slugs, usage, holds = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local asset_names, asset_counts, record = KEYS[6], KEYS[7], KEYS[8]
local id, hold, unit = ARGV[1], ARGV[2], ARGV[3]
local name, description, cover, kind, doc = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local wanted_slug = ARGV[9] -- '' for none
local assets = ARGV[10]
local body, answer, remember_ms = ARGV[11], ARGV[12], ARGV[13]
local now = now_ms()

local there = redis.call('HMGET', world, 'rev', 'slug')
if there[1] then
  -- Asked again: it is there already. Whatever was written since, the first revision was this one.
  return {'1', there[2] or ''}
end
if not spend_hold(usage, holds, unit, hold, now) then
  return {'0', ''}
end

local slug = new_world(world, index, slugs, asset_names, asset_counts, id, name, description, cover, kind,
  doc, wanted_slug, assets, now)
if record then
  remember(record, remember_ms, body, answer, slug, '1')
end
return {'1', slug}
