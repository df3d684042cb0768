package queue

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// enqueueConcurrency is the number of jobs of a batch that are enqueued concurrently, because asynq has no batch call. It is also the
// maximum size of a pipeline, see coalescer. A larger number is hardly faster.
const enqueueConcurrency = 32

// enqueue puts one task into its queue. After an error it tries once more with the same id, so that a task whose answer was lost is
// not enqueued twice.
func (c *Client) enqueue(ctx context.Context, task *asynq.Task) error {
	var err error
	for range 2 {
		_, err = c.asynq.EnqueueContext(ctx, task)
		if err == nil || errors.Is(err, asynq.ErrTaskIDConflict) {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return err
}

// Unconfirmed is the error of an enqueue in which Redis left jobs without an answer.
type Unconfirmed struct {
	Jobs int // how many may or may not be in the queue
	Err  error
}

func (u *Unconfirmed) Error() string { return u.Err.Error() }
func (u *Unconfirmed) Unwrap() error { return u.Err }

// eachConcurrently calls do for every item, enqueueConcurrency at a time. It returns the number of calls that succeeded, the number of
// calls with an unknown outcome, and the first error. After an error or the end of ctx it starts no further calls.
func eachConcurrently[T any](ctx context.Context, items []T, do func(context.Context, T) error) (succeeded, unknown int, err error) {
	var (
		next, good, bad atomic.Int64
		failure         atomic.Pointer[error]
		workers         sync.WaitGroup
	)
	for range min(enqueueConcurrency, len(items)) {
		workers.Go(func() {
			for failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				if err := ctx.Err(); err != nil {
					failure.CompareAndSwap(nil, &err)
					return
				}
				if err := do(ctx, items[i]); err != nil {
					if !redis.IsOOMError(err) { // which proves that the job is not there
						bad.Add(1)
					}
					failure.CompareAndSwap(nil, &err)
					return
				}
				good.Add(1)
			}
		})
	}
	workers.Wait()
	if first := failure.Load(); first != nil {
		err = *first
	}
	return int(good.Load()), int(bad.Load()), err
}
