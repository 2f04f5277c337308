-- Ask for one request to Plane under the shared budget: a log of sends in a sliding window, like Plane's own.
-- KEYS[1] log of all sends (zset: ms)   KEYS[2] log of this class (zset: ms)   KEYS[3] blocked-until (ms)
-- ARGV[1] window ms   ARGV[2] total in the window   ARGV[3] ceiling of this class   ARGV[4] unique member
-- Returns 0 when allowed (and recorded), else the ms to wait
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local blocked = tonumber(redis.call('GET', KEYS[3]) or '0')
if blocked > now then return blocked - now end
local window = tonumber(ARGV[1])
local wait = 0
for i, limit in ipairs({tonumber(ARGV[2]), tonumber(ARGV[3])}) do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - window)
  local used = redis.call('ZCARD', KEYS[i])
  if used >= limit then
    local first = redis.call('ZRANGE', KEYS[i], used - limit, used - limit, 'WITHSCORES')
    wait = math.max(wait, tonumber(first[2]) + window - now + 1)
  end
end
if wait > 0 then return wait end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[i], window)
end
return 0
