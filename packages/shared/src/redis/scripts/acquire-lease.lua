-- Give a lease to one owner for a time, or say that another has it. Each acquisition has a new fencing token; keeping
-- it is renew-lease.lua's.
-- KEYS[1] lease (hash: owner, token)   KEYS[2] fencing-token counter, never reset
-- ARGV[1] owner                        ARGV[2] lease in ms
-- Returns {1, token} when acquired, {0, owner} when held by another
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] then return {0, owner} end
local token = tostring(redis.call('INCR', KEYS[2]))
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'token', token)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, token}
