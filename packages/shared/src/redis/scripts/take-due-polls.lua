-- Which projects are to be polled now. However many pollers ask, each project is due once per interval.
-- KEYS[1] polls (zset: project by begin ms of its last poll)   ARGV pairs of project, interval ms
-- Returns the projects that are due, marked as begun
-- An interval is shortened by up to a fifth, by the chance of its last beginning: installations do not beat in step, and
-- no poll comes later than its interval.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = {}
for i = 1, #ARGV, 2 do
  local last = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or '0')
  local wait = tonumber(ARGV[i + 1]) * (0.8 + 0.2 * (last % 1000) / 1000)
  if now >= last + wait or now < last then
    redis.call('ZADD', KEYS[1], now, ARGV[i])
    due[#due + 1] = ARGV[i]
  end
end
return due
