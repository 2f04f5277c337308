-- Forget a finished ticket, and tell those who follow the feed. The version floor rises, so a later ticket of that id
-- reuses no effect id.
-- KEYS[1] ticket  KEYS[2] by-work-item  KEYS[3] status:<status>  KEYS[4] version-floor  KEYS[5] log:<ticket>
-- KEYS[6] events (stream)
-- ARGV[1] ticket id   ARGV[2] work item uuid   ARGV[3] expected version   ARGV[4] expected status   ARGV[5] event JSON
-- ARGV[6] events maxlen
-- Returns 1 when forgotten, 0 when it has changed meanwhile
local held = redis.call('HMGET', KEYS[1], 'version', 'status')
if held[1] ~= ARGV[3] or held[2] ~= ARGV[4] then return 0 end
if tonumber(redis.call('GET', KEYS[4]) or '0') < tonumber(ARGV[3]) then redis.call('SET', KEYS[4], ARGV[3]) end
redis.call('DEL', KEYS[1], KEYS[5])
if redis.call('HGET', KEYS[2], ARGV[2]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[2]) end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('XADD', KEYS[6], 'MAXLEN', '~', ARGV[6], '*',
  'ticket', ARGV[1], 'version', ARGV[3], 'status', '', 'event', ARGV[5])
return 1
