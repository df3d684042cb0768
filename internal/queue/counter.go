package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// counts is what a queue holds at one moment.
type counts struct {
	at        time.Time
	depth     int
	dead      int
	completed int           // since the queue is, at least until Redis is emptied
	oldest    time.Duration // how long the oldest pending job has been pending
}

// countLua reads the counts of one queue. asynq counts a failed attempt as processed too: without the failed ones what is
// left are jobs that were done. A job that was handed back is pending without a time: the next one tells.
//
//	KEYS    depthKeys, archived, processed, failed
//	ARGV    group prefix, task prefix
//	returns {depth, archived, completed, Unix time in ns since when the oldest is pending or ""}
const countLua = depthLua + `
local completed = (redis.call("GET", KEYS[7]) or 0) - (redis.call("GET", KEYS[8]) or 0)
local since = false
local tail = redis.call("LRANGE", KEYS[1], -8, -1)
for i = #tail, 1, -1 do
  since = since or redis.call("HGET", ARGV[2] .. tail[i], "pending_since")
end
return {depth(ARGV[1]), redis.call("ZCARD", KEYS[6]), completed, since or ""}
`

// counter reads the counts of queues.
type counter struct {
	rdb    redis.UniversalClient
	script *redis.Script
}

func newCounter(rdb redis.UniversalClient) counter {
	return counter{rdb: rdb, script: redis.NewScript(countLua)}
}

// count reads a queue's counts from Redis.
func (c counter) count(ctx context.Context, queue string) (counts, error) {
	keys := append(depthKeys(queue),
		asynqKey(queue, "archived"), asynqKey(queue, "processed"), asynqKey(queue, "failed"))
	reply, err := c.script.Run(ctx, c.rdb, keys, groupPrefix(queue), taskPrefix(queue)).Slice()
	if err != nil {
		return counts{}, fmt.Errorf("%w: count %s: %w", ErrUnavailable, queue, err)
	}
	now := time.Now()
	var numbers [3]int64
	for i := range numbers {
		number, ok := reply[i].(int64)
		if !ok {
			return counts{}, errors.New("count " + queue + ": unexpected reply of the script")
		}
		numbers[i] = number
	}
	read := counts{at: now, depth: int(numbers[0]), dead: int(numbers[1]), completed: int(numbers[2])}
	if since, ok := reply[3].(string); ok && since != "" {
		read.oldest = max(0, now.Sub(unixNano(since)))
	}
	return read, nil
}
