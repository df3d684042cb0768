package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue/schema"
)

// State is asynq's state of a job.
type State string

// States of a job. A retry passes through active, retry, pending, active.
const (
	StateNone      State = "" // no such job: never enqueued, purged, or deleted after its retention
	StatePending   State = "pending"
	StateScheduled State = "scheduled"
	StateActive    State = "active"
	StateRetry     State = "retry"
	StateCompleted State = "completed"
	StateArchived  State = "archived" // in the DLQ
)

// PurchaseState returns the state of the job of a purchase. Errors wrap ErrUnavailable.
func (c *Client) PurchaseState(ctx context.Context, purchaseID string) (State, error) {
	return JobState(ctx, c.rdb, Critical, purchaseID)
}

// JobState returns the state of a job with one Redis command. Errors wrap ErrUnavailable.
func JobState(ctx context.Context, rdb redis.UniversalClient, queue, id string) (State, error) {
	state, err := rdb.HGet(ctx, schema.Task(queue, id), schema.FieldState).Result()
	if errors.Is(err, redis.Nil) {
		return StateNone, nil
	}
	if err != nil {
		return StateNone, fmt.Errorf("%w: state of job %s: %w", ErrUnavailable, id, err)
	}
	return State(state), nil
}
