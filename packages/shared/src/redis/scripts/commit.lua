-- Change one ticket, at one version, with everything that hangs on it; or nothing at all.
-- Every check comes before the first write, and the first write is an HSET, so a full Redis refuses the whole.
-- KEYS   1 ticket  2 by-work-item  3 seen:<event>  4 events (stream)  5 log:<ticket> (stream)  6 outbox (zset: due ms)
--        7 effects (hash)  8 status:<old>  9 status:<new>  10 version-floor  11… J slot sets to join, then L to leave, then counters (hash)
-- ARGV   1 expected version  2 ticket id  3 work item uuid  4 status  5 index score  6 record  7 body ("" = keep)
--        8 event JSON  9 seen ttl ms (0 = no check)  10 events maxlen  11 log maxlen  12 grace ms  13 J  14 L
--        15 O (opened)  16 C (closed)   then J maxima, O x (effect id, item JSON, delay ms), C x effect id,
--        then to the end what is counted: (counter, by)
-- Returns {1, version, id in events, now ms}    committed
--         {0, version, record or false, now ms} another version is there
--         {2, version, record or false, now ms} this event was committed before
--         {3, n, "", now ms}                    the n-th slot set to join is full
--         {4, id, "", now ms}                   the work item belongs to that other ticket
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local nowText = string.format('%.0f', now)
local held = redis.call('HMGET', KEYS[1], 'version', 'record')
local version = tonumber(held[1] or redis.call('GET', KEYS[10]) or '0')
local seenTtl, J, L, O, C = tonumber(ARGV[9]), tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])

if seenTtl > 0 and redis.call('EXISTS', KEYS[3]) == 1 then
  return {2, string.format('%.0f', version), held[2], nowText}
end
if version ~= tonumber(ARGV[1]) then
  return {0, string.format('%.0f', version), held[2], nowText}
end
local owner = redis.call('HGET', KEYS[2], ARGV[3])
if owner and owner ~= ARGV[2] then return {4, owner, '', nowText} end
for i = 1, J do
  local max = tonumber(ARGV[16 + i])
  if redis.call('SISMEMBER', KEYS[10 + i], ARGV[2]) == 0 and redis.call('SCARD', KEYS[10 + i]) >= max then
    return {3, tostring(i), '', nowText}
  end
end

version = version + 1
local versionText = string.format('%.0f', version)
if ARGV[7] == '' then
  redis.call('HSET', KEYS[1], 'version', versionText, 'status', ARGV[4], 'record', ARGV[6])
else
  redis.call('HSET', KEYS[1], 'version', versionText, 'status', ARGV[4], 'record', ARGV[6], 'body', ARGV[7])
end
if not owner then redis.call('HSET', KEYS[2], ARGV[3], ARGV[2]) end
if KEYS[8] ~= KEYS[9] then redis.call('ZREM', KEYS[8], ARGV[2]) end
redis.call('ZADD', KEYS[9], ARGV[5], ARGV[2])
for i = 1, J do redis.call('SADD', KEYS[10 + i], ARGV[2]) end
for i = 1, L do redis.call('SREM', KEYS[10 + J + i], ARGV[2]) end
local at = 16 + J
for i = 1, O do
  local id, item, delay = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  redis.call('HSET', KEYS[7], id, item)
  redis.call('ZADD', KEYS[6], now + math.max(tonumber(ARGV[12]), delay), id)
  at = at + 3
end
for i = 1, C do
  redis.call('HDEL', KEYS[7], ARGV[at + i])
  redis.call('ZREM', KEYS[6], ARGV[at + i])
end
for i = at + C + 1, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[11 + J + L], ARGV[i], ARGV[i + 1]) end
if seenTtl > 0 then redis.call('SET', KEYS[3], versionText, 'PX', seenTtl) end
local entry = {'ticket', ARGV[2], 'version', versionText, 'status', ARGV[4], 'event', ARGV[8]}
local streamId = redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[10], '*', unpack(entry))
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[11], '*', unpack(entry))
return {1, versionText, streamId, nowText}
