package queue

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
)

// maxBackoff is the longest wait between two attempts, before jitter.
const maxBackoff = 30 * time.Second

// backoff is the wait after the failure of attempt n+1, with first the one after attempt 1:
//
//	first · 2ⁿ · (1 + random), at most maxBackoff · (1 + random), with random uniform in [0, ½)
//
// Never shorter than the plain exponential, and spread by half of it: jobs that failed together come back apart.
func backoff(first time.Duration, n int) time.Duration {
	wait := first
	for range n {
		wait = min(2*wait, maxBackoff)
	}
	return wait + rand.N(wait/2+1) //nolint:gosec // G404: it is jitter, not a secret.
}

// retryDelay tells asynq when to retry a job. asynq keeps that time in whole seconds, cut off, which would make 200 ms to 0. So the
// promoter retries the job at the right moment, and asynq is told a second more: it never comes early, and takes up what the
// promoter misses.
func (s *Server) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	wait := backoff(s.rules.backoff, n)
	if failed, ok := errors.AsType[*attemptError](err); ok {
		s.promoter.add(failed.id, time.Now().Add(wait))
	}
	return wait + time.Second
}
