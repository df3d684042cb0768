package queue

import (
	"container/heap"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

// promoter moves jobs from retry to pending when their backoff ends, to the millisecond. It knows only jobs that failed in this process.
// asynq's forwarder moves the others.
type promoter struct {
	rdb    redis.UniversalClient
	queue  string
	script *redis.Script
	logger *slog.Logger
	wake   chan struct{} // an earlier job was added

	mu      sync.Mutex
	waiting schedule
}

func newPromoter(rdb redis.UniversalClient, queue string, logger *slog.Logger) *promoter {
	return &promoter{
		rdb: rdb, queue: queue, script: redis.NewScript(schema.PromoteLua), logger: logger,
		wake: make(chan struct{}, 1),
	}
}

// add schedules a job. It does not block.
func (p *promoter) add(id string, due time.Time) {
	p.mu.Lock()
	heap.Push(&p.waiting, promotion{id: id, due: due})
	first := p.waiting[0].id == id
	p.mu.Unlock()
	if !first {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run promotes due jobs until ctx ends.
func (p *promoter) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-timer.C:
			p.promote(ctx, p.takeDue(time.Now()))
		}
		timer.Reset(p.untilNext(time.Now()))
	}
}

// takeDue removes and returns the jobs that are due.
func (p *promoter) takeDue(now time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for len(p.waiting) > 0 && !p.waiting[0].due.After(now) {
		if next, ok := heap.Pop(&p.waiting).(promotion); ok {
			ids = append(ids, next.id)
		}
	}
	return ids
}

func (p *promoter) untilNext(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		return time.Hour
	}
	return max(0, p.waiting[0].due.Sub(now))
}

// promote moves the jobs. asynq's forwarder moves those left by an error.
func (p *promoter) promote(ctx context.Context, ids []string) {
	const maxIDs = 500 // per script call, which blocks Redis
	for batch := range slices.Chunk(ids, maxIDs) {
		args := []any{schema.TaskPrefix(p.queue), strconv.FormatInt(time.Now().UnixNano(), 10)}
		for _, id := range batch {
			args = append(args, id)
		}
		keys := []string{schema.Retry(p.queue), schema.Pending(p.queue)}
		if err := p.script.Run(ctx, p.rdb, keys, args...).Err(); err != nil {
			p.logger.WarnContext(ctx, "promote retries: left to asynq", "queue", p.queue, "jobs", len(batch), "error", err)
		}
	}
}

// promotion is a job and the end of its backoff.
type promotion struct {
	id  string
	due time.Time
}

// schedule is a heap of promotions, ordered by time.
type schedule []promotion

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].due.Before(s[j].due) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *schedule) Push(x any) {
	if p, ok := x.(promotion); ok {
		*s = append(*s, p)
	}
}

// Pop implements heap.Interface.
func (s *schedule) Pop() any {
	last := len(*s) - 1
	p := (*s)[last]
	*s = (*s)[:last]
	return p
}
