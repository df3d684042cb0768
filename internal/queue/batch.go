package queue

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/hibiken/asynq"
)

// enqueueConcurrency is how many jobs of a batch are on their way to Redis at once: asynq has no batch call. It is also how many share a
// pipeline, see coalescer; more gains little.
const enqueueConcurrency = 32

// enqueue puts one task into its queue. A second try after an error bears the same id, so that a task whose
// answer was lost is found to be there rather than enqueued twice.
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

// eachConcurrently calls do for every item, enqueueConcurrency at a time, and returns for how many it succeeded.
// After the first error, which it returns, and after the end of ctx no further call is begun, but those under way
// are left to their end: what they did is to be counted.
func eachConcurrently[T any](ctx context.Context, items []T, do func(context.Context, T) error) (int, error) {
	var (
		next, done atomic.Int64
		failure    atomic.Pointer[error]
		workers    sync.WaitGroup
	)
	for range min(enqueueConcurrency, len(items)) {
		workers.Go(func() {
			for failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				err := ctx.Err()
				if err == nil {
					err = do(ctx, items[i])
				}
				if err != nil {
					failure.CompareAndSwap(nil, &err)
					return
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	if err := failure.Load(); err != nil {
		return int(done.Load()), *err
	}
	return int(done.Load()), nil
}
