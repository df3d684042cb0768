package queue

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
)

// maxBackoff is the longest wait between two attempts, before jitter.
const maxBackoff = 30 * time.Second

// backoff returns the wait after attempt n+1. first is the wait after the first attempt, before jitter:
//
//	min(first · 2ⁿ, maxBackoff) · (1 + random), with random uniform in [0, ½]
//
// The jitter spreads the retries of jobs that failed at the same time.
func backoff(first time.Duration, n int) time.Duration {
	wait := first
	for range n {
		wait = min(2*wait, maxBackoff)
	}
	return wait + rand.N(wait/2+1) //nolint:gosec // G404: not a secret
}

// retryDelay returns asynq's delay of a retry. asynq truncates the time to whole seconds. Therefore the promoter makes the job pending at
// the exact time; asynq's delay is a second longer and applies to jobs that the promoter misses.
func (s *Server) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	wait := backoff(s.rules.backoff, n)
	if failed, ok := errors.AsType[*attemptError](err); ok {
		s.promoter.add(failed.id, time.Now().Add(wait))
	}
	return wait + time.Second
}
