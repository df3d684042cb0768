package experience

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/platform"
	"deals.example/internal/problem"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/slots"
	"deals.example/internal/upstream"
	"deals.example/services/experience/hash"
)

// upstreamProblem returns the answer to a failure of deal-service.
func upstreamProblem(err error, what, id string) error {
	var failure *upstream.Failure
	switch {
	case errors.Is(err, upstream.ErrNotFound):
		return problem.NotFound(what, id)
	case errors.As(err, &failure) && failure.Reason == upstream.ReasonCanceled:
		return context.Canceled
	case errors.As(err, &failure):
		return problem.UpstreamUnavailable(failure)
	case errors.Is(err, context.DeadlineExceeded):
		return problem.UpstreamUnavailable(&upstream.Failure{Service: platform.DealService, Reason: upstream.ReasonTimeout, Err: err})
	default:
		return err
	}
}

// admissionProblem returns the answer to a request that the gate does not admit.
func admissionProblem(err error) error {
	if slots.IsRefusal(err) || errors.Is(err, context.DeadlineExceeded) {
		return problem.Overloaded(platform.ExperienceAPI, err)
	}
	return err
}

// queueProblem returns the answer to an error of the queue or of the purchase records.
func queueProblem(ctx context.Context, err error) error {
	if overloaded, ok := errors.AsType[*queue.Overloaded](err); ok {
		return problem.QueueOverloaded(overloaded.Depth, overloaded.Threshold, overloaded.RetryAfter)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // the client is gone; Redis did not fail
	}
	if unconfirmed, ok := errors.AsType[*queue.Unconfirmed](err); ok {
		return problem.BatchUnknown(unconfirmed.Jobs, err)
	}
	if redis.IsOOMError(err) {
		return problem.QueueFull(err)
	}
	return problem.QueueUnavailable(err)
}

// purchaseProblem returns the answer to a purchase that was not accepted.
func purchaseProblem(ctx context.Context, err error) error {
	if errors.Is(err, purchase.ErrIdempotencyConflict) {
		return problem.IdempotencyConflict()
	}
	return queueProblem(ctx, err)
}

// hashProblem returns the answer to a hash that was not computed.
func hashProblem(err error) error {
	var full *hash.FullError
	switch {
	case errors.As(err, &full):
		return problem.HashPoolFull(full.Depth, full.Capacity, full.RetryAfter)
	case errors.Is(err, hash.ErrClosed):
		return problem.ShuttingDown()
	default:
		return err
	}
}
