-- Look at an outbox item again later, if it is still there.
-- KEYS[1] outbox (zset: due ms)
-- ARGV[1] effect id   ARGV[2] ms from now
-- Returns 1 if the item was there
local t = redis.call('TIME')
local due = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[2])
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], due, ARGV[1])
return 1
