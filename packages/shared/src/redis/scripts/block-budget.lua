-- Nobody sends for so long. A shorter block never shortens a longer one.
-- KEYS[1] blocked-until (ms)
-- ARGV[1] ms from now
-- Returns 1 when the block is later than the one before
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ms = math.ceil(tonumber(ARGV[1]))
if ms <= 0 or now + ms <= tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', now + ms), 'PX', ms)
return 1
