package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

// DefaultArchiveLimit is the size of a DLQ at which its queue is paused. It leaves room for active jobs.
const DefaultArchiveLimit = schema.ArchiveSize - 500

const (
	guardInterval = time.Second
	// renewAfter is the age at which the time of death of a job is set to now.
	renewAfter = schema.ArchiveAge - 10*24*time.Hour
)

// guard prevents asynq from deleting dead jobs: it pauses the queue while its DLQ is nearly full, and renews old dead jobs. Each worker has
// a guard. Its script is atomic, so any number can run concurrently.
type guard struct {
	rdb    redis.UniversalClient
	queue  string
	limit  int
	script *redis.Script
	paused prometheus.Gauge
	logger *slog.Logger
	wake   chan struct{}
}

// guardLua pauses the queue if the DLQ has reached the limit, and resumes it if the DLQ is smaller than the second argument. The marker
// records that the guard paused the queue; a queue paused by hand is not resumed.
//
//	KEYS    archived, paused, marker
//	ARGV    limit, resume below, now in s, renew jobs that died before this time in s
//	returns {size of the DLQ, 1 paused now or -1 resumed now or 0, is paused, renewed}
const guardLua = `
local old = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[4], "LIMIT", 0, 1000)
for _, id in ipairs(old) do
  redis.call("ZADD", KEYS[1], ARGV[3], id)
end
local size = redis.call("ZCARD", KEYS[1])
local change = 0
if size >= tonumber(ARGV[1]) then
  if redis.call("SETNX", KEYS[2], ARGV[3]) == 1 then
    redis.call("SET", KEYS[3], ARGV[3])
    change = 1
  end
elseif size < tonumber(ARGV[2]) and redis.call("DEL", KEYS[3]) == 1 then
  redis.call("DEL", KEYS[2])
  change = -1
end
return {size, change, redis.call("EXISTS", KEYS[2]), #old}
`

func newGuard(rdb redis.UniversalClient, queue string, limit int, paused prometheus.Gauge, logger *slog.Logger) *guard {
	if limit <= 0 {
		limit = DefaultArchiveLimit
	}
	return &guard{
		rdb: rdb, queue: queue, limit: limit, script: redis.NewScript(guardLua), paused: paused, logger: logger,
		wake: make(chan struct{}, 1),
	}
}

// wakeUp triggers a check without blocking.
func (g *guard) wakeUp() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// run checks every second and after wakeUp, until ctx ends.
func (g *guard) run(ctx context.Context) {
	ticker := time.NewTicker(guardInterval)
	defer ticker.Stop()
	for {
		if err := g.check(ctx); err != nil && ctx.Err() == nil {
			g.logger.DebugContext(ctx, "DLQ check failed", "queue", g.queue, "error", err) // asynq logs that Redis is unavailable
		}
		select {
		case <-ticker.C:
		case <-g.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (g *guard) check(ctx context.Context) error {
	now := time.Now()
	keys := []string{schema.Archived(g.queue), schema.Paused(g.queue), ownKey(g.queue, "paused-by-guard")}
	reply, err := g.script.Run(ctx, g.rdb, keys, g.limit, g.limit-g.limit/20, now.Unix(), now.Add(-renewAfter).Unix()).Int64Slice()
	if err != nil {
		return fmt.Errorf("guard DLQ of %s: %w", g.queue, err)
	}
	if len(reply) != 4 {
		return errors.New("guard DLQ of " + g.queue + ": unexpected reply of the script")
	}
	size, change, paused, renewed := reply[0], reply[1], reply[2], reply[3]
	g.paused.Set(float64(paused))
	switch change {
	case 1:
		g.logger.ErrorContext(ctx, "queue paused: its DLQ is nearly full, replay or purge it",
			"queue", g.queue, "dlq_depth", size, "limit", g.limit)
	case -1:
		g.logger.InfoContext(ctx, "queue resumed: its DLQ has room again", "queue", g.queue, "dlq_depth", size)
	}
	if renewed > 0 {
		g.logger.WarnContext(ctx, "dead jobs are months old, replay or purge them", "queue", g.queue, "jobs", renewed)
	}
	return nil
}
