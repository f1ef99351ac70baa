-- Makes the index of versions anew. Idempotent by nature.
local tree, index = KEYS[1], KEYS[2]
local is_stale = ARGV[1] == 'stale' -- else 'unindexed': as list.lua has found it
if is_stale or not is_indexed(tree, index) then -- of many who ask at once the first one has made it
  make_index(tree, index)
end
return 1
