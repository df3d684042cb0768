package queue

// Keys of Redis. asynq's own are spelled out here because it keeps them internal, while the decisions of this
// package must be atomic with them. The braces are Redis Cluster's hash tag: all keys of a queue, asynq's
// and ours, are in one slot, so that one script may touch them.

func asynqKey(queue, name string) string { return "asynq:{" + queue + "}:" + name }

func ownKey(queue, name string) string { return "deals:{" + queue + "}:" + name }

// taskPrefix is followed by the id of a task.
func taskPrefix(queue string) string { return asynqKey(queue, "t:") }

// groupPrefix is followed by the name of a group of aggregating tasks.
func groupPrefix(queue string) string { return asynqKey(queue, "g:") }

// depthKeys are those that depthLua reads, in its order.
func depthKeys(queue string) []string {
	return []string{
		asynqKey(queue, "pending"),
		asynqKey(queue, "active"),
		asynqKey(queue, "scheduled"),
		asynqKey(queue, "retry"),
		asynqKey(queue, "groups"),
	}
}

// depthLua defines the depth of a queue: the jobs that are still to be done, whatever they wait for.
// It expects depthKeys first in KEYS.
const depthLua = `
local function depth(group_prefix)
  local n = redis.call("LLEN", KEYS[1]) + redis.call("LLEN", KEYS[2])
          + redis.call("ZCARD", KEYS[3]) + redis.call("ZCARD", KEYS[4])
  for _, group in ipairs(redis.call("SMEMBERS", KEYS[5])) do
    n = n + redis.call("ZCARD", group_prefix .. group)
  end
  return n
end
`
