-- Make a lease last longer, if it is still the one with this token. One that ended is never taken up again: another
-- may have had it in between.
-- KEYS[1] lease (hash)   ARGV[1] token   ARGV[2] lease in ms
-- Returns 1 if it was
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
