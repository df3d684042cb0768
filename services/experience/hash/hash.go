// Package hash computes a CPU-heavy hash, PBKDF2-SHA512, in two ways: on the caller's goroutine without a limit, and on a bounded pool
// of threads with low priority. Both do the same work, but affect other requests differently.
package hash

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"deals.example/observability"
)

// Defaults of a job. Its cost is proportional to their product.
const (
	DefaultRounds     = 3
	DefaultIterations = 220_000
)

const (
	keyLength    = 64 // bytes, SHA-512's own
	prefixLength = 16 // characters of the digest in a response
)

// Job is a hash to compute: PBKDF2-SHA512 over Payload, then over the digest of the previous round, Rounds times in all.
type Job struct {
	Payload    string
	Rounds     int
	Iterations int
}

// Result is the outcome of a job.
type Result struct {
	DigestPrefix string        // hexadecimal, equal for equal jobs
	Queued       time.Duration // waiting for a worker
	Took         time.Duration // computing
}

// Digest computes the job on the calling goroutine, in a span. It checks ctx between rounds.
func Digest(ctx context.Context, job Job) (prefix string, err error) {
	ctx, span := observability.StartChild(ctx, "compute hash", trace.WithAttributes(
		observability.AttrHashRounds.Int(job.Rounds), observability.AttrHashIterations.Int(job.Iterations)))
	defer span.End()
	defer func() { observability.Fail(span, err) }()
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

// Bad computes the job at once on the calling goroutine. Nothing limits the concurrent jobs: when there are more of them than processors,
// the scheduler's run queue grows and every other goroutine waits in it.
func Bad(ctx context.Context, job Job) (Result, error) {
	start := time.Now()
	digest, err := Digest(ctx, job)
	return Result{DigestPrefix: digest, Took: time.Since(start)}, err
}
