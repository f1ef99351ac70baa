-- Stores a new world, lists it and names it. Every script that makes a world calls it, so that the world and what
-- belongs to it are one step. Answers its slug, '' when it has none.
-- A first revision needs no incarnation: nobody else ever makes a world of this id.
-- `assets`: those that it names (assets/names.lua); nil when that is not known.
local function new_world(world, index, slugs, asset_names, asset_counts, id, name, description, cover, kind, doc,
  wanted_slug, assets, now)
  -- The first free one of slug, slug-2, …; after some tries the world's own id decides.
  local slug = wanted_slug
  if slug ~= '' then
    local tries = 1
    while redis.call('HSETNX', slugs, slug, id) == 0 do
      tries = tries + 1
      slug = wanted_slug .. '-' .. (tries <= 20 and tries or string.sub(id, 1, 8))
      if tries > 21 then
        slug = id
      end
    end
  end
  redis.call('HSET', world, 'rev', 1, 'name', name, 'description', description, 'cover', cover,
    'kind', kind, 'visibility', 'private', 'created', now, 'updated', now, 'doc', doc)
  if slug ~= '' then
    redis.call('HSET', world, 'slug', slug)
  end
  if assets then
    set_names(asset_names, asset_counts, 'doc', assets)
    redis.call('HSET', world, 'named', 1)
  end
  redis.call('ZADD', index, 0, index_member(now, id))
  return slug
end
