package schema

// DepthKeys returns the keys that DepthLua reads, in its order.
func DepthKeys(queue string) []string {
	return []string{Pending(queue), Active(queue), Scheduled(queue), Retry(queue), Groups(queue)}
}

// DepthLua defines the function depth, which returns how many tasks of a queue are still to be done. It reads DepthKeys, which must
// be first in KEYS.
const DepthLua = `
local function depth(group_prefix)
  local n = redis.call("LLEN", KEYS[1]) + redis.call("LLEN", KEYS[2])
          + redis.call("ZCARD", KEYS[3]) + redis.call("ZCARD", KEYS[4])
  for _, group in ipairs(redis.call("SMEMBERS", KEYS[5])) do
    n = n + redis.call("ZCARD", group_prefix .. group)
  end
  return n
end
`

// CountLua counts the tasks of one queue. Processed includes failed attempts, so completed tasks are processed minus failed.
// A task that was handed back is pending without pending_since; the next oldest one has it.
//
//	KEYS    DepthKeys, Archived, Processed, Failed
//	ARGV    GroupPrefix, TaskPrefix
//	returns {depth, archived, completed, pending_since of the oldest pending task in Unix ns or ""}
const CountLua = DepthLua + `
local completed = (redis.call("GET", KEYS[7]) or 0) - (redis.call("GET", KEYS[8]) or 0)
local since = false
local tail = redis.call("LRANGE", KEYS[1], -8, -1)
for i = #tail, 1, -1 do
  since = since or redis.call("HGET", ARGV[2] .. tail[i], "pending_since")
end
return {depth(ARGV[1]), redis.call("ZCARD", KEYS[6]), completed, since or ""}
`

// PromoteLua makes tasks pending that still wait for their retry.
//
//	KEYS    Retry, Pending
//	ARGV    TaskPrefix, now in Unix ns, ids
const PromoteLua = `
for i = 3, #ARGV do
  if redis.call("ZREM", KEYS[1], ARGV[i]) == 1 then
    redis.call("HSET", ARGV[1] .. ARGV[i], "state", "pending", "pending_since", ARGV[2])
    redis.call("LPUSH", KEYS[2], ARGV[i])
  end
end
return #ARGV - 2
`

// ReplayLua moves a task from the archive to its queue, with another message.
//
//	KEYS    Task, Archived, Pending
//	ARGV    id, message as it was read, new message, now in Unix ns
//	returns 1, or 0 if the task is not archived any more or its message has changed
const ReplayLua = `
if redis.call("HGET", KEYS[1], "msg") ~= ARGV[2] or redis.call("ZREM", KEYS[2], ARGV[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "msg", ARGV[3], "state", "pending", "pending_since", ARGV[4])
redis.call("LPUSH", KEYS[3], ARGV[1])
return 1
`

// PurgeLua deletes tasks that are still archived.
//
//	KEYS    Archived
//	ARGV    TaskPrefix, ids
//	returns how many it deleted
const PurgeLua = `
local purged = 0
for i = 2, #ARGV do
  if redis.call("ZREM", KEYS[1], ARGV[i]) == 1 then
    redis.call("DEL", ARGV[1] .. ARGV[i])
    purged = purged + 1
  end
end
return purged
`

// LostLua returns the active tasks whose worker is dead: their lease has not been extended for a time, or it has ended long ago.
//
// It compares leases only with themselves: the hash records each lease and since when it is unchanged, in Unix ms by Redis's clock. The
// clocks of workers do not matter, and the record outlives a worker.
//
//	KEYS    Lease, record
//	ARGV    maximum time without extension in ms, maximum time after the end of the lease in s, 1 to start the record anew, TaskPrefix
//	returns a list of {id, lease, message}
const LostLua = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = {}
if ARGV[3] ~= "1" then
  local fields = redis.call("HGETALL", KEYS[2])
  for i = 1, #fields, 2 do
    record[fields[i]] = fields[i + 1]
  end
end
redis.call("DEL", KEYS[2])
local lost = {}
local leases = redis.call("ZRANGE", KEYS[1], 0, -1, "WITHSCORES")
for i = 1, #leases, 2 do
  local id, lease = leases[i], leases[i + 1]
  local recorded, since = string.match(record[id] or "", "^(%S+) (%d+)$")
  if recorded ~= lease then
    since = string.format("%.0f", now)
  end
  redis.call("HSET", KEYS[2], id, lease .. " " .. since)
  if now - since >= tonumber(ARGV[1]) or time[1] - lease >= tonumber(ARGV[2]) then
    lost[#lost + 1] = {id, lease, redis.call("HGET", ARGV[4] .. id, "msg") or ""}
  end
end
return lost
`

// HandBackLua moves an active task to the head of its queue, with another message.
//
//	KEYS    Task, Lease, Active, Pending
//	ARGV    id, lease as it was read, message as it was read, new message
//	returns 1, or 0 if the task is not active any more or its lease or message has changed
const HandBackLua = `
if redis.call("ZSCORE", KEYS[2], ARGV[1]) ~= ARGV[2] or redis.call("HGET", KEYS[1], "msg") ~= ARGV[3] then
  return 0
end
redis.call("ZREM", KEYS[2], ARGV[1])
if redis.call("LREM", KEYS[3], 0, ARGV[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "msg", ARGV[4], "state", "pending")
redis.call("RPUSH", KEYS[4], ARGV[1])
return 1
`
