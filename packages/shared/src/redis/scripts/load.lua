-- Read a ticket and the time.
-- KEYS[1] ticket (hash)   KEYS[2] version-floor
-- ARGV[1] "1": also the body
-- Returns {version, record or false, body or false, now in ms}; an absent ticket has the floor as its version
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
local fields = redis.call('HMGET', KEYS[1], 'version', 'record')
if not fields[1] then
  return {redis.call('GET', KEYS[2]) or '0', false, false, now}
end
local body = false
if ARGV[1] == '1' then body = redis.call('HGET', KEYS[1], 'body') end
return {fields[1], fields[2], body, now}
