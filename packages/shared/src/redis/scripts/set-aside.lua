-- Move an outbox item that nobody can do anything with out of the way, keeping it for inspection.
-- KEYS[1] outbox (zset)   KEYS[2] effects (hash)   KEYS[3] outbox-bad (hash)
-- ARGV[1] effect id       ARGV[2] item as found
-- Returns 1, or 0 when it has left the outbox meanwhile
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
