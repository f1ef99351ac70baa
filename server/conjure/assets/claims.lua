-- An asset, and a part of the claims on it.
-- Answers: nil when there is none, else the store's time, extension, bytes, deleting or '', the next cursor, then
-- claims and the ms at which each was made.
local asset, claims = KEYS[1], KEYS[2]
local cursor, most = ARGV[1], ARGV[2]
local found = redis.call('HMGET', asset, 'ext', 'bytes', 'deleting')
if not found[1] then
  return nil
end
local page = redis.call('HSCAN', claims, cursor, 'COUNT', most)
return {now_ms(), found[1], found[2], found[3] or '', page[1], unpack(page[2])}
