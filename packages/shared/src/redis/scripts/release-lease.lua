-- Give a lease back, if it is still the one with this token.
-- KEYS[1] lease (hash)   ARGV[1] token
-- Returns 1 if it was
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
