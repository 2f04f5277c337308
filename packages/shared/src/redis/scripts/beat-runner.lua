-- A heartbeat of a runner, unless another process has its id.
-- KEYS[1] runner (string: JSON with `instance`)   KEYS[2] runners (hash: id → last heartbeat ms)
-- KEYS[3] terminal addresses (hash: id → URL), kept when the runner is gone: its terminals may be there all the same
-- ARGV[1] our instance   ARGV[2] heartbeat JSON   ARGV[3] expiry ms   ARGV[4] runner id
-- ARGV[5] instance that is known to be dead and may be replaced, or ""
-- ARGV[6] URL of its terminal service, or ""
-- Returns {1, ""} when we have the id, {0, the other's heartbeat}
local held = redis.call('GET', KEYS[1])
if held then
  local ok, other = pcall(cjson.decode, held)
  local instance = ok and type(other) == 'table' and other.instance or ''
  if instance ~= ARGV[1] and (ARGV[5] == '' or instance ~= ARGV[5]) then return {0, held} end
end
local time = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[4], time[1] * 1000 + math.floor(time[2] / 1000))
if ARGV[6] ~= '' then redis.call('HSET', KEYS[3], ARGV[4], ARGV[6]) end
return {1, ''}
