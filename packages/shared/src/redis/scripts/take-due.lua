-- Take outbox items whose time has come, and give the taker a lease: another sweep leaves them alone meanwhile.
-- When Redis's own clock was set back, all due times go back with it: what waited seconds must not wait hours.
-- KEYS[1] outbox (zset: due ms)   KEYS[2] effects (hash)   KEYS[3] clock (string: ms, every 5 s or so)
-- ARGV[1] most items              ARGV[2] lease in ms
-- Returns {now ms, id, item JSON, id, item JSON, …}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local seen = tonumber(redis.call('GET', KEYS[3]) or '0')
if now < seen then
  local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for i = 1, #all, 2 do redis.call('ZADD', KEYS[1], tonumber(all[i + 1]) - (seen - now), all[i]) end
end
-- pcall: a Redis that is full refuses to note it, and what is due can still be looked for
if now < seen or now > seen + 5000 then redis.pcall('SET', KEYS[3], string.format('%.0f', now)) end
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
