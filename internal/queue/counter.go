package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

// counts holds the numbers of jobs of a queue.
type counts struct {
	at        time.Time
	depth     int
	dead      int
	completed int           // in total; decreases only if Redis is flushed
	oldest    time.Duration // age of the oldest pending job
}

// counter reads the counts of queues.
type counter struct {
	rdb    redis.UniversalClient
	script *redis.Script
}

func newCounter(rdb redis.UniversalClient) counter {
	return counter{rdb: rdb, script: redis.NewScript(schema.CountLua)}
}

// count reads a queue's counts from Redis.
func (c counter) count(ctx context.Context, queue string) (counts, error) {
	keys := append(schema.DepthKeys(queue), schema.Archived(queue), schema.Processed(queue), schema.Failed(queue))
	reply, err := c.script.Run(ctx, c.rdb, keys, schema.GroupPrefix(queue), schema.TaskPrefix(queue)).Slice()
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
