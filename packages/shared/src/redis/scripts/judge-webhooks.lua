-- After a complete poll: what it found first should be told by a delivery too, within a grace. What was not counts.
-- KEYS[1] webhooks (hash)   KEYS[2] heard (zset: ms)   KEYS[3] owed (zset: ms)   KEYS[4] polled (hash: project -> ms)
-- ARGV[1] project   ARGV[2] ms when its poll began   ARGV[3] grace ms   ARGV[4] ms before the poll in which a delivery may
-- have come   ARGV[5] ms since the project's last poll after which nothing is expected   then work items that this poll found
-- changed by somebody else
-- Returns {polls in a row that missed a delivery, 1 when this is one of them, last delivery ms or 0}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or '0')
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
local first = tonumber(ARGV[2]) - last > tonumber(ARGV[5]) and #ARGV + 1 or 6
for i = first, #ARGV do redis.call('ZADD', KEYS[3], 'NX', now, ARGV[i]) end
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[3]), 'WITHSCORES')
local isMiss = 0
for i = 1, #due, 2 do
  local heard = tonumber(redis.call('ZSCORE', KEYS[2], due[i]) or '0')
  if heard < tonumber(due[i + 1]) - tonumber(ARGV[4]) then isMiss = 1 end
  redis.call('ZREM', KEYS[3], due[i])
end
if isMiss == 1 then redis.call('HINCRBY', KEYS[1], 'missed', 1) end
local known = redis.call('HMGET', KEYS[1], 'missed', 'lastDeliveryAt')
return {tonumber(known[1] or '0'), isMiss, tonumber(known[2] or '0')}
