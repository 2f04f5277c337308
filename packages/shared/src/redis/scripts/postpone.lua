-- Look at outbox items again later, those of them that are still there.
-- KEYS[1] outbox (zset: due ms)
-- ARGV[1] ms from now   then effect ids
-- Returns how many were there
local t = redis.call('TIME')
local due = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
local there = 0
for i = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], due, ARGV[i])
    there = there + 1
  end
end
return there
