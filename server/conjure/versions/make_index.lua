-- Makes the index of versions anew. Idempotent by nature.
make_index(KEYS[1], KEYS[2])
return 1
