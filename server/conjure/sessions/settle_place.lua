-- On a cluster: follows what became of a tenant's lease.
-- KEYS: places. ARGV: member, the end ms that is settled, the end ms now (0: none).
settle_place(KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
return 1
