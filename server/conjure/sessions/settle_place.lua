-- On a cluster: follows what became of a tenant's lease.
local places = KEYS[1]
local member, settled_ms, end_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]) -- end_ms 0: there is none
settle_place(places, member, settled_ms, end_ms)
return 1
