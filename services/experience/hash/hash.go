// Package hash does one piece of heavy work, PBKDF2-SHA512, in two ways: on the caller's goroutine, as many at a time as come, and
// on a bounded pool of threads of lower priority. The work is the same; what it does to everyone else is not.
package hash

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"time"
)

// A job as it is when a client does not say. The product of the two is what it costs.
const (
	DefaultRounds     = 3
	DefaultIterations = 220_000
)

const (
	keyLength    = 64 // bytes, SHA-512's own
	prefixLength = 16 // characters of the digest that are shown
)

// Job is what to hash: PBKDF2-SHA512 over Payload, Rounds times, each round over the digest of the one before.
type Job struct {
	Payload    string
	Rounds     int
	Iterations int
}

// Result is what came of a job.
type Result struct {
	DigestPrefix string        // hexadecimal, equal for equal jobs
	Queued       time.Duration // waiting for a worker
	Took         time.Duration // computing
}

// Digest computes the job on the calling goroutine. Between rounds it looks whether ctx has ended.
func Digest(ctx context.Context, job Job) (string, error) {
	digest := []byte(job.Payload)
	for round := range job.Rounds {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		key, err := pbkdf2.Key(sha512.New, string(digest), fmt.Appendf(nil, "deals-round-%d", round), job.Iterations, keyLength)
		if err != nil {
			return "", fmt.Errorf("derive the key of round %d: %w", round, err)
		}
		digest = key
	}
	return hex.EncodeToString(digest)[:prefixLength], nil
}

// Bad computes the job at once on the calling goroutine. Nothing bounds how many run: with more than there are processors the
// scheduler's run queue grows, and whatever else is runnable waits its turn behind them.
func Bad(ctx context.Context, job Job) (Result, error) {
	start := time.Now()
	digest, err := Digest(ctx, job)
	return Result{DigestPrefix: digest, Took: time.Since(start)}, err
}
