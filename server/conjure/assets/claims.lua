-- An asset, and a part of the claims on it.
-- Answers: nil when there is none, else the store's time, extension, bytes, 1 or 0 (its object is there), the next
-- cursor, then claims and the ms at which each was made.
local asset, claims = KEYS[1], KEYS[2]
local cursor, most = ARGV[1], ARGV[2]
local found = redis.call('HMGET', asset, 'ext', 'bytes', 'stored', 'deleting')
if not found[1] then
  return nil
end
local page = redis.call('HSCAN', claims, cursor, 'COUNT', most)
return {now_ms(), found[1], found[2], found[3] and not found[4] and 1 or 0, page[1], unpack(page[2])}
