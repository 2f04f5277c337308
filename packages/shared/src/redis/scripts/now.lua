-- The time of the server that has our keys: those of a cluster have a clock each.
-- KEYS[1] any key of ours
-- Returns now in ms, as text
local t = redis.call('TIME')
return string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
