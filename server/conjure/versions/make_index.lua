-- Makes the index of versions anew. Idempotent by nature.
local tree, index = KEYS[1], KEYS[2]
make_index(tree, index)
return 1
