package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	maxRetries    = 1 // of RetryBudget
	retryDelayMin = 30 * time.Millisecond
	retryDelayMax = 180 * time.Millisecond
)

// MinAttempts and MaxAttempts bound Policies.Attempts.
const (
	MinAttempts = 2
	MaxAttempts = 5
)

// Policies are the policies of a pool that can be switched while calls are made.
type Policies struct {
	Retry    Retry
	Attempts int // of RetryFixed for each call, the first one included
	Breaker  bool
	Hedging  Hedging
	Bulkhead Bulkhead

	LocalDeadlines bool // upstreams are not told how long their caller waits
}

// Retry is which failed attempts are followed by another one.
type Retry string

// The ways to retry.
const (
	RetryBudget Retry = "budget" // one retry, after a random delay, while the budget lasts
	RetryFixed  Retry = "fixed"  // up to a number of attempts, each right after the one before, as a naive client does
	RetryNone   Retry = "none"
)

// policies returns those in force at the start.
func (c Config) policies() Policies {
	p := Policies{Retry: RetryBudget, Attempts: MinAttempts, Hedging: HedgeOff, Bulkhead: BulkheadPerUpstream, Breaker: c.BreakerFailureRate > 0}
	if c.RetryRatio == 0 {
		p.Retry = RetryNone
	}
	return p
}

func (p Policies) check() error {
	if p.Attempts < MinAttempts || p.Attempts > MaxAttempts {
		return fmt.Errorf("attempts: got %d, want %d to %d", p.Attempts, MinAttempts, MaxAttempts)
	}
	return errors.Join(
		oneOf("retry", p.Retry, RetryBudget, RetryFixed, RetryNone),
		oneOf("hedging", p.Hedging, HedgeOff, HedgeBudget, HedgeUnlimited),
		oneOf("bulkhead", p.Bulkhead, BulkheadPerUpstream, BulkheadShared, BulkheadNone),
	)
}

func oneOf[T ~string](name string, got T, allowed ...T) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	return fmt.Errorf("%s: got %q, want one of %q", name, got, allowed)
}

// guard is the policies of a client as they are composed. It does not change: a switch replaces it, and calls in progress keep theirs.
type guard struct {
	executor failsafe.Executor[*Response]
	circuit  *breaker    // nil if it is off
	slow     *percentile // what is hedged, nil if nothing is
	bulkhead Bulkhead

	localDeadlines bool
}

// newGuard composes the policies around the client's attempts; doc.go says why in this order. What stays on keeps what it has learned, and
// what is switched on starts anew.
func (c *Client) newGuard(p Policies) *guard {
	g, old := &guard{bulkhead: p.Bulkhead, localDeadlines: p.LocalDeadlines}, c.guard.Load()
	var composed []failsafe.Policy[*Response]
	switch p.Retry {
	case RetryBudget:
		composed = append(composed, newRetry(), c.budget)
	case RetryFixed:
		composed = append(composed, newFixedRetry(p.Attempts))
	case RetryNone:
	}
	if p.Breaker {
		if g.circuit = old.circuit; g.circuit == nil {
			g.circuit = newBreaker(c.pool.cfg, c.service, c.pool.deps.Logger)
		}
	}
	if p.Hedging != HedgeOff {
		if g.slow = old.slow; g.slow == nil {
			g.slow = &percentile{}
		}
		composed = append(composed, newHedge(p.Hedging, g.slow, g.circuit, c.metrics)...)
	}
	if g.circuit != nil {
		composed = append(composed, g.circuit)
	}
	g.executor = failsafe.With(composed...)
	return g
}

func newRetry() failsafe.Policy[*Response] {
	return retrypolicy.NewBuilder[*Response]().
		HandleIf(func(_ *Response, err error) bool { return retriable(err) }).
		WithMaxRetries(maxRetries).
		WithRandomDelay(retryDelayMin, retryDelayMax).
		ReturnLastFailure().
		Build()
}

// newFixedRetry retries whatever is not the caller's fault, refusals of a busy server included.
func newFixedRetry(attempts int) failsafe.Policy[*Response] {
	return retrypolicy.NewBuilder[*Response]().
		HandleIf(func(_ *Response, err error) bool { return transient(err) || refused(err) }).
		WithMaxRetries(attempts - 1).
		ReturnLastFailure().
		Build()
}

// judge turns a 5xx into an error, so that all policies look at errors only. A refusal is not worth another attempt: the server is well, and
// busy enough.
func judge(response *Response, err error) error {
	if err != nil || response.Status < http.StatusInternalServerError {
		return err
	}
	if response.Refused() {
		return &AttemptError{Reason: ReasonOverloaded, Err: errors.New("refused by a busy server")}
	}
	return &AttemptError{Reason: ReasonUnavailable, Err: errors.New(http.StatusText(response.Status))}
}

// attempted reports whether err is that of an attempt that was made, rather than of a policy that refused it.
func attempted(err error) bool {
	_, failed := errors.AsType[*AttemptError](err)
	return err == nil || failed
}

// answered reports whether the upstream did its part, whatever the caller makes of the answer.
func answered(err error) bool {
	failed, ok := errors.AsType[*AttemptError](err)
	return err == nil || ok && (failed.Reason == ReasonBadResponse || failed.Reason == ReasonOverloaded)
}

// transient reports whether an attempt failed in a way that is the upstream's fault and may pass.
func transient(err error) bool {
	failed, ok := errors.AsType[*AttemptError](err)
	if !ok || failed.byCaller {
		return false
	}
	switch failed.Reason {
	case ReasonTimeout, ReasonConnection, ReasonUnavailable:
		return true
	default:
		return false
	}
}

// refused reports whether a busy server refused an attempt.
func refused(err error) bool {
	failed, ok := errors.AsType[*AttemptError](err)
	return ok && failed.Reason == ReasonOverloaded
}

// retriable reports whether a failed attempt is worth another one, and paid for.
func retriable(err error) bool {
	_, final := errors.AsType[*finalError](err)
	return transient(err) && !final
}
