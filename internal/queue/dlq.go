package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/queue/schema"
)

// ErrNotDead reports that no DLQ has a job with that id.
var ErrNotDead = errors.New("no such job in the DLQ")

// DLQ lists, shows, replays and purges dead jobs. It is safe for concurrent use. Its errors wrap ErrUnknownQueue, ErrNotDead or
// ErrUnavailable.
type DLQ struct {
	rdb     redis.UniversalClient
	asynq   *asynq.Inspector
	counter counter
	replay  *redis.Script
	purge   *redis.Script
}

// DeadJob is a job that failed its last attempt, or permanently.
type DeadJob struct {
	ID            string          `json:"id"`
	Queue         string          `json:"queue"`
	Type          string          `json:"type"`
	Payload       json.RawMessage `json:"payload"`
	Attempts      int             `json:"attempts"`
	MaxAttempts   int             `json:"maxAttempts"`
	FailedStep    string          `json:"failedStep,omitempty"` // "" if it failed outside a step
	LastError     string          `json:"lastError"`
	EnqueuedAt    time.Time       `json:"enqueuedAt"`
	DiedAt        time.Time       `json:"diedAt"` // to the second
	ReplayedAt    *time.Time      `json:"replayedAt,omitempty"`
	TraceID       string          `json:"traceId,omitempty"` // of the request that enqueued it
	CorrelationID string          `json:"correlationId,omitempty"`
}

// DeadPage is a page of a DLQ.
type DeadPage struct {
	Queue string    `json:"queue"`
	Total int       `json:"total"` // in the whole DLQ
	Page  int       `json:"page"`  // from 1
	Pages int       `json:"pages"`
	Jobs  []DeadJob `json:"jobs"` // the most recently dead first
}

// Page selects a page of a DLQ.
type Page struct {
	Number int // from 1; less means 1
	Size   int // jobs on a page; less than 1 means 20
}

// NewDLQ returns the DLQs of the queues in a Redis. The caller owns rdb.
func NewDLQ(rdb redis.UniversalClient) (*DLQ, error) {
	if rdb == nil {
		return nil, errors.New("DLQ: a Redis client is required")
	}
	return &DLQ{
		rdb:     rdb,
		asynq:   asynq.NewInspectorFromRedisClient(rdb),
		counter: newCounter(rdb),
		replay:  redis.NewScript(schema.ReplayLua),
		purge:   redis.NewScript(schema.PurgeLua),
	}, nil
}

// List returns a page of the DLQ of a queue.
func (d *DLQ) List(ctx context.Context, queue string, page Page) (DeadPage, error) {
	if _, err := policyOf(queue); err != nil {
		return DeadPage{}, fmt.Errorf("%w %q", err, queue)
	}
	page = Page{Number: max(1, page.Number), Size: page.Size}
	if page.Size < 1 {
		page.Size = 20
	}
	total, err := d.rdb.ZCard(ctx, schema.Archived(queue)).Result()
	if err != nil {
		return DeadPage{}, fmt.Errorf("%w: list DLQ of %s: %w", ErrUnavailable, queue, err)
	}
	result := DeadPage{
		Queue: queue, Total: int(total), Page: page.Number, Jobs: []DeadJob{},
		Pages: max(1, (int(total)+page.Size-1)/page.Size),
	}
	if total == 0 {
		return result, nil // asynq returns an error for a queue that never had a job
	}
	tasks, err := d.asynq.ListArchivedTasks(queue, asynq.Page(page.Number), asynq.PageSize(page.Size))
	if err != nil {
		return DeadPage{}, fmt.Errorf("%w: list DLQ of %s: %w", ErrUnavailable, queue, err)
	}
	for _, task := range tasks {
		result.Jobs = append(result.Jobs, deadJob(ctx, task))
	}
	return result, nil
}

// Show returns the dead job with that id, of any queue.
func (d *DLQ) Show(ctx context.Context, id string) (DeadJob, error) {
	queue, err := d.queueOf(ctx, id)
	if err != nil {
		return DeadJob{}, err
	}
	task, err := d.asynq.GetTaskInfo(queue, id)
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound):
		return DeadJob{}, fmt.Errorf("%w: %s", ErrNotDead, id)
	case err != nil:
		return DeadJob{}, fmt.Errorf("%w: show dead job %s: %w", ErrUnavailable, id, err)
	}
	return deadJob(ctx, task), nil
}

// queueOf returns the queue whose DLQ has the job.
func (d *DLQ) queueOf(ctx context.Context, id string) (string, error) {
	for _, queue := range Names() {
		err := d.rdb.ZScore(ctx, schema.Archived(queue), id).Err()
		if err == nil {
			return queue, nil
		}
		if !errors.Is(err, redis.Nil) {
			return "", fmt.Errorf("%w: find dead job %s: %w", ErrUnavailable, id, err)
		}
	}
	return "", fmt.Errorf("%w: %s", ErrNotDead, id)
}

// Fits reports whether all unfinished jobs of a queue fit into its DLQ. asynq archives jobs on request without this check and deletes
// the oldest dead jobs beyond schema.ArchiveSize.
func (d *DLQ) Fits(ctx context.Context, queue string) (bool, error) {
	if _, err := policyOf(queue); err != nil {
		return false, fmt.Errorf("%w %q", err, queue)
	}
	counts, err := d.counter.count(ctx, queue)
	return counts.depth+counts.dead < schema.ArchiveSize, err
}

// each calls do with batches of the ids in the DLQ of a queue, oldest first, and returns the sum of the results. It stops at an error.
func (d *DLQ) each(ctx context.Context, queue string, do func(ids []string) (int, error)) (int, error) {
	if _, err := policyOf(queue); err != nil {
		return 0, fmt.Errorf("%w %q", err, queue)
	}
	ids, err := d.rdb.ZRange(ctx, schema.Archived(queue), 0, -1).Result()
	if err != nil {
		return 0, fmt.Errorf("%w: read DLQ of %s: %w", ErrUnavailable, queue, err)
	}
	const batch = 100 // jobs per script call, which blocks Redis
	sum := 0
	for ids := range slices.Chunk(ids, batch) {
		n, err := do(ids)
		sum += n
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Purge permanently deletes a dead job.
func (d *DLQ) Purge(ctx context.Context, id string) error {
	queue, err := d.queueOf(ctx, id)
	if err != nil {
		return err
	}
	purged, err := d.purgeIDs(ctx, queue, []string{id})
	if err == nil && purged == 0 {
		err = fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return err
}

// PurgeAll permanently deletes all dead jobs of a queue and returns their number.
func (d *DLQ) PurgeAll(ctx context.Context, queue string) (int, error) {
	return d.each(ctx, queue, func(ids []string) (int, error) { return d.purgeIDs(ctx, queue, ids) })
}

func (d *DLQ) purgeIDs(ctx context.Context, queue string, ids []string) (int, error) {
	args := []any{schema.TaskPrefix(queue)}
	for _, id := range ids {
		args = append(args, id)
	}
	purged, err := d.purge.Run(ctx, d.rdb, []string{schema.Archived(queue)}, args...).Int()
	if err != nil {
		return 0, fmt.Errorf("%w: purge DLQ of %s: %w", ErrUnavailable, queue, err)
	}
	return purged, nil
}

func deadJob(ctx context.Context, task *asynq.TaskInfo) DeadJob {
	job := DeadJob{
		ID:            task.ID,
		Queue:         task.Queue,
		Type:          task.Type,
		Payload:       task.Payload,
		Attempts:      task.Retried + 1,
		MaxAttempts:   task.MaxRetry + 1,
		FailedStep:    failedStep(task.LastErr),
		LastError:     task.LastErr,
		EnqueuedAt:    unixNano(task.Headers[headerEnqueuedAt]),
		DiedAt:        task.LastFailedAt,
		CorrelationID: task.Headers[headerCorrelation],
	}
	if !json.Valid(task.Payload) {
		job.Payload, _ = json.Marshal(string(task.Payload)) // a string can always be encoded
	}
	if replayed := unixNano(task.Headers[headerReplayedAt]); !replayed.IsZero() {
		job.ReplayedAt = &replayed
	}
	origin := propagation.TraceContext{}.Extract(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), propagation.MapCarrier(task.Headers))
	if span := trace.SpanContextFromContext(origin); span.HasTraceID() {
		job.TraceID = span.TraceID().String()
	}
	return job
}
