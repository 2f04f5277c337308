-- Forgets a runner that stops, unless another process has its id by now.
-- KEYS[1] runner (string: JSON with `instance`)   ARGV[1] our instance
-- Returns 1 if it was ours
local held = redis.call('GET', KEYS[1])
local ok, heartbeat = pcall(cjson.decode, held or '{}')
if not ok or type(heartbeat) ~= 'table' or heartbeat.instance ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
