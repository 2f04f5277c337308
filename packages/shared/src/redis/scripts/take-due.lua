-- Take outbox items whose time has come, and give the taker a lease: another sweep leaves them alone meanwhile.
-- KEYS[1] outbox (zset: due ms)   KEYS[2] effects (hash)
-- ARGV[1] most items              ARGV[2] lease in ms
-- Returns {now ms, id, item JSON, id, item JSON, …}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local taken = {string.format('%.0f', now)}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local item = redis.call('HGET', KEYS[2], id)
  if item then
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), id)
    taken[#taken + 1] = id
    taken[#taken + 1] = item
  else
    redis.call('ZREM', KEYS[1], id) -- an index entry without its item tells nobody anything
  end
end
return taken
