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

// Replay enqueues a dead job again with the same id and a full number of attempts.
//
// asynq's Inspector.RunTask keeps the retry count, so that the first failure would move the job back to the DLQ. Deleting and enqueueing
// the job would lose it if the process crashed in between. Therefore a script replaces the message by one without a retry count and moves
// the job, if it has not changed since it was read.
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

// ReplayAll replays all dead jobs of a queue and returns their number.
func (d *DLQ) ReplayAll(ctx context.Context, queue string) (int, error) {
	return d.each(ctx, queue, func(ids []string) (int, error) { return d.replayIDs(ctx, queue, ids) })
}

func (d *DLQ) replayIDs(ctx context.Context, queue string, ids []string) (int, error) {
	replayed := 0
	for _, id := range ids {
		key := schema.Task(queue, id)
		message, err := d.rdb.HGet(ctx, key, schema.FieldMessage).Bytes()
		if errors.Is(err, redis.Nil) {
			continue // replayed or purged concurrently
		}
		if err != nil {
			return replayed, fmt.Errorf("%w: read dead job %s: %w", ErrUnavailable, id, err)
		}
		now := strconv.FormatInt(time.Now().UnixNano(), 10)
		fresh, err := schema.WithoutRetries(message)
		if err != nil {
			return replayed, fmt.Errorf("read dead job %s: %w", id, err)
		}
		fresh = schema.WithHeader(schema.WithHeader(fresh, headerReplayedAt, now), headerDeaths, "")
		keys := []string{key, schema.Archived(queue), schema.Pending(queue)}
		moved, err := d.replay.Run(ctx, d.rdb, keys, id, message, fresh, now).Int()
		if err != nil {
			return replayed, fmt.Errorf("%w: replay %s: %w", ErrUnavailable, id, err)
		}
		replayed += moved
	}
	return replayed, nil
}
