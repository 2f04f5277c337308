-- Advance what a poll knows of its project, if the poll still holds the project's lease.
-- KEYS[1] lease (hash)   KEYS[2] cursor (hash)   KEYS[3] seen (hash: work item -> JSON)
-- ARGV[1] token   ARGV[2] N cursor fields   then N x (field, value), then pairs (work item, JSON)
-- Returns 1 when saved, 0 when the lease is another's by now
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
local n = tonumber(ARGV[2])
for i = 0, n - 1 do redis.call('HSET', KEYS[2], ARGV[3 + 2 * i], ARGV[4 + 2 * i]) end
for i = 3 + 2 * n, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
return 1
