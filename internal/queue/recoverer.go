package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

const (
	// recoverInterval is the time between two checks for jobs of dead workers.
	recoverInterval = 500 * time.Millisecond
	// deadAfter is how long a worker may miss its heartbeats: two of them, and a second for delays.
	deadAfter = 2*schema.HeartbeatInterval + time.Second
	// expiredAfter is how long after the end of its lease a job is recovered even if nobody has watched the lease. It is less than asynq's
	// time: asynq would count an attempt, and its archived jobs are in no metric.
	expiredAfter = schema.RecoverAfter / 2
	// maxUnwatched is the longest time between two checks of a process after which the record of leases is started anew: the process
	// was suspended or had no Redis, and so perhaps had the others.
	maxUnwatched = 2 * time.Second
)

// errWorkerDied is the error of an attempt whose workers died twice in a row.
var errWorkerDied = errors.New("the worker died during this attempt, and so did the one before it")

// deaths records the last death of a worker that was processing a job, in the header headerDeaths as "<attempt>/<in a row>".
type deaths struct {
	attempt int // at the last death, from 1
	inARow  int // 1, or 2 if the worker before it had died as well
}

func parseDeaths(header string) deaths {
	var d deaths
	if _, err := fmt.Sscanf(header, "%d/%d", &d.attempt, &d.inARow); err != nil {
		return deaths{}
	}
	return d
}

func (d deaths) String() string { return fmt.Sprintf("%d/%d", d.attempt, d.inARow) }

// fails reports whether an attempt is a failed one without being run.
func (d deaths) fails(attempt int) bool { return d.attempt == attempt && d.inARow == 2 }

// next returns the record after another death. The deaths are in a row if no attempt has ended in between, except by the death before.
func (d deaths) next(attempt int) deaths {
	if d.attempt == attempt || d.fails(attempt-1) {
		return deaths{attempt, 2}
	}
	return deaths{attempt, 1}
}

// recoverer hands the jobs of dead workers back to the queue. Each worker has a recoverer. Its scripts are atomic, so any number can run
// concurrently. asynq's own recoverer finds a job only if no check has succeeded since its lease ended.
//
// The first death costs no attempt. A second one in a row does: the job is handed back with a header that lets the next worker count the
// attempt as failed without running it. So asynq retries the job or archives it, as after any failure.
type recoverer struct {
	rdb      redis.UniversalClient
	asynq    *asynq.Inspector
	queue    string
	lost     *redis.Script
	handBack *redis.Script
	logger   *slog.Logger

	checked time.Time // last successful check
	failing bool
}

func newRecoverer(rdb redis.UniversalClient, queue string, logger *slog.Logger) *recoverer {
	return &recoverer{
		rdb: rdb, asynq: asynq.NewInspectorFromRedisClient(rdb), queue: queue, logger: logger,
		lost: redis.NewScript(schema.LostLua), handBack: redis.NewScript(schema.HandBackLua),
	}
}

// run checks until ctx ends.
func (r *recoverer) run(ctx context.Context) {
	ticker := time.NewTicker(recoverInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.check(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// check hands back the jobs of dead workers. It logs the first failure of a series and the end of the series.
func (r *recoverer) check(ctx context.Context) {
	err := r.recover(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !r.failing:
		r.logger.WarnContext(ctx, "check for dead workers failed", "queue", r.queue, "error", err)
	case err == nil && r.failing:
		r.logger.InfoContext(ctx, "check for dead workers succeeds again", "queue", r.queue)
	}
	r.failing = err != nil
}

func (r *recoverer) recover(ctx context.Context) error {
	anew := 0
	if !r.checked.IsZero() && time.Since(r.checked) > maxUnwatched {
		anew = 1
	}
	reply, err := r.lost.Run(ctx, r.rdb, []string{schema.Lease(r.queue), ownKey(r.queue, "leases")},
		deadAfter.Milliseconds(), expiredAfter.Seconds(), anew, schema.TaskPrefix(r.queue)).Slice()
	if err != nil {
		return fmt.Errorf("find jobs of dead workers of %s: %w", r.queue, err)
	}
	r.checked = time.Now()
	var errs []error
	for _, entry := range reply {
		if fields, ok := entry.([]any); ok && len(fields) == 3 {
			errs = append(errs, r.recoverJob(ctx, fmt.Sprint(fields[0]), fmt.Sprint(fields[1]), fmt.Sprint(fields[2])))
		}
	}
	return errors.Join(errs...)
}

// recoverJob hands a job back unless its lease or message has changed.
func (r *recoverer) recoverJob(ctx context.Context, id, lease, message string) error {
	task, err := r.asynq.GetTaskInfo(r.queue, id)
	if errors.Is(err, asynq.ErrTaskNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read job %s of a dead worker: %w", id, err)
	}
	attempt := task.Retried + 1
	died := parseDeaths(task.Headers[headerDeaths]).next(attempt)
	keys := []string{schema.Task(r.queue, id), schema.Lease(r.queue), schema.Active(r.queue), schema.Pending(r.queue)}
	moved, err := r.handBack.Run(ctx, r.rdb, keys, id, lease, message,
		schema.WithHeader([]byte(message), headerDeaths, died.String())).Int()
	if err != nil {
		return fmt.Errorf("hand back job %s of a dead worker: %w", id, err)
	}
	if moved == 1 {
		r.logger.WarnContext(ctx, "job of a dead worker handed back",
			"queue", r.queue, "job_id", id, "attempt", attempt, "deaths_in_a_row", died.inARow)
	}
	return nil
}
