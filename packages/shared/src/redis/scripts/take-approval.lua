-- Count one approval by a rule, if today (UTC, by the clock of Redis) has one left. The same event is counted once.
-- KEYS[1] approvals (zset: event by ms)   ARGV[1] event id   ARGV[2] most in a day
-- Returns 1 when it may be approved
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local midnight = now - now % 86400000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', midnight))
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], 172800000)
return 1
