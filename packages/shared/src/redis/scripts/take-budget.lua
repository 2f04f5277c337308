-- Ask for one request to Plane under the shared budget: a log of sends in a sliding window, like Plane's own.
-- A class has a ceiling. One that was refused before it had its share finds the rest of that share when it comes again:
-- two other classes together would otherwise leave it nothing.
-- KEYS[1] log of all sends (zset: ms)   KEYS[2] log of this class (zset: ms)   KEYS[3] blocked-until (ms)
-- KEYS[4] refusals (hash: class → ms of the last one)   KEYS[5…] logs of the other classes
-- ARGV[1] window ms   ARGV[2] total in the window   ARGV[3] ceiling of this class   ARGV[4] unique member
-- ARGV[5] share of every class   ARGV[6] this class   ARGV[7…] the other classes
-- Returns 0 when allowed (and recorded), else the ms to wait
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local blocked = tonumber(redis.call('GET', KEYS[3]) or '0')
if blocked > now then return blocked - now end
local window, total, share = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[5])
local kept = 0
for i = 5, #KEYS do
  local refused = tonumber(redis.call('HGET', KEYS[4], ARGV[i + 2]) or '0')
  if refused + 2 * window > now then
    kept = kept + math.max(0, share - redis.call('ZCOUNT', KEYS[i], '(' .. (now - window), '+inf'))
  end
end
local wait = 0
for i, limit in ipairs({total - kept, tonumber(ARGV[3])}) do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', KEYS[i], now + 1000, '+inf') -- sent before Redis's clock was set back
  local used = redis.call('ZCARD', KEYS[i])
  if used >= limit then
    -- with nothing left beside what is kept for others, the oldest send says when to look again
    local place = math.min(used - limit, used - 1)
    local first = redis.call('ZRANGE', KEYS[i], place, place, 'WITHSCORES')
    wait = math.max(wait, (tonumber(first[2]) or now) + window - now + 1)
  end
end
if wait > 0 then
  if redis.call('ZCARD', KEYS[2]) < share then
    redis.call('HSET', KEYS[4], ARGV[6], now)
    redis.call('PEXPIRE', KEYS[4], 2 * window)
  end
  return wait
end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[i], window)
end
return 0
