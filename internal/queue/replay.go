package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

// Replay enqueues a dead job again, under its id and with all its attempts; ErrNotDead when there is none.
//
// asynq's own way (Inspector.RunTask) leaves the count of retries at its most, so that the first failure would bury the job
// again; deleting and enqueueing it anew would lose it to a crash in between. Here one script exchanges the message for one without
// the count and moves the job, if it is still in the DLQ as it was read.
func (d *DLQ) Replay(ctx context.Context, id string) error {
	queue, err := d.queueOf(ctx, id)
	if err != nil {
		return err
	}
	replayed, err := d.replayIDs(ctx, queue, []string{id})
	if err == nil && replayed == 0 {
		err = fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return err
}

// ReplayAll enqueues all jobs again that the DLQ of a queue holds, and returns how many that were.
func (d *DLQ) ReplayAll(ctx context.Context, queue string) (int, error) {
	return d.each(ctx, queue, func(ids []string) (int, error) { return d.replayIDs(ctx, queue, ids) })
}

func (d *DLQ) replayIDs(ctx context.Context, queue string, ids []string) (int, error) {
	replayed := 0
	for _, id := range ids {
		key := schema.Task(queue, id)
		message, err := d.rdb.HGet(ctx, key, schema.FieldMessage).Bytes()
		if errors.Is(err, redis.Nil) {
			continue // somebody else was faster
		}
		if err != nil {
			return replayed, fmt.Errorf("%w: read dead job %s: %w", ErrUnavailable, id, err)
		}
		now := strconv.FormatInt(time.Now().UnixNano(), 10)
		fresh, err := schema.WithoutRetries(message, headerReplayedAt, now)
		if err != nil {
			return replayed, fmt.Errorf("read dead job %s: %w", id, err)
		}
		keys := []string{key, schema.Archived(queue), schema.Pending(queue)}
		moved, err := d.replay.Run(ctx, d.rdb, keys, id, message, fresh, now).Int()
		if err != nil {
			return replayed, fmt.Errorf("%w: replay %s: %w", ErrUnavailable, id, err)
		}
		replayed += moved
	}
	return replayed, nil
}
