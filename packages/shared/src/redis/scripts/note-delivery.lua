-- Note an authentic delivery of a webhook, after what it asks for was queued.
-- KEYS[1] delivery (string)   KEYS[2] webhooks (hash)   KEYS[3] heard (zset: ms)
-- ARGV[1] ms to know the delivery   ARGV[2] ms to know what was heard of   ARGV[3] work item, "" for none
-- Returns how many polls in a row had missed a delivery before this one
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local missed = tonumber(redis.call('HGET', KEYS[2], 'missed') or '0')
redis.call('HSET', KEYS[2], 'lastDeliveryAt', now, 'missed', 0)
redis.call('SET', KEYS[1], now, 'PX', ARGV[1])
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[3], now, ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[2]))
end
return missed
