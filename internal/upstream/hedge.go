package upstream

import (
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/common"
	"github.com/failsafe-go/failsafe-go/hedgepolicy"
	"github.com/failsafe-go/failsafe-go/policy"
)

// Hedging is whether a second attempt, the hedge, is sent while the first one is slow, and the first answer of the two is taken: Dean and
// Barroso, "The Tail at Scale", CACM 56(2), 2013. All calls of a Client are reads, so that it does no harm to make one twice.
type Hedging string

// The ways to hedge. Slow is longer than the upstream's own 95th percentile.
const (
	HedgeOff       Hedging = "off"
	HedgeBudget    Hedging = "budget"    // hedges are at most hedgeShare of the calls
	HedgeUnlimited Hedging = "unlimited" // each slow attempt has a hedge
)

// hedgeShare is how many hedges a call earns with HedgeBudget.
const hedgeShare = 0.05

// newHedge returns the policies that hedge the attempts of a client. slow is fed by them.
func newHedge(how Hedging, slow *percentile, circuit *breaker, m *clientMetrics) []failsafe.Policy[*Response] {
	h := &hedge{slow: slow, circuit: circuit, exhausted: m.hedgeExhausted.Inc, won: m.hedgesWon.Inc}
	if how == HedgeBudget {
		h.budget = newTokens(hedgeShare, 0)
	}
	delay := func(failsafe.ExecutionAttempt[*Response]) time.Duration {
		if after := slow.value(); after > 0 {
			return after
		}
		return -1 // don't
	}
	outer := hedgepolicy.NewBuilderWithDelayFunc[*Response](delay).
		CancelIf(func(_ *Response, err error) bool { return !hedged(err) }).
		Build()
	return []failsafe.Policy[*Response]{outer, h}
}

// hedge sits inside failsafe's hedge policy and says which hedges are sent. A hedge that fails does not end its call, since the first attempt
// is still in progress.
type hedge struct {
	slow           *percentile
	budget         *tokens  // nil: unlimited
	circuit        *breaker // may be nil
	exhausted, won func()
}

// ToExecutor makes it a failsafe policy.
func (h *hedge) ToExecutor(_ *Response) any {
	e := &hedgeExecutor{hedge: h}
	e.Executor = e
	return e
}

type hedgeExecutor struct {
	policy.BaseExecutor[*Response]
	hedge *hedge
}

// Apply makes the attempt, or refuses it if it is a hedge.
func (e *hedgeExecutor) Apply(attempt func(failsafe.Execution[*Response]) *common.PolicyResult[*Response]) func(failsafe.Execution[*Response]) *common.PolicyResult[*Response] {
	return func(exec failsafe.Execution[*Response]) *common.PolicyResult[*Response] {
		if !exec.IsHedge() {
			return e.hedge.first(exec, attempt)
		}
		if !e.hedge.allowed() {
			return &common.PolicyResult[*Response]{Error: &hedgeError{errNotHedged}, Done: true}
		}
		result := attempt(exec)
		if result.Error == nil {
			e.hedge.won()
			return result
		}
		failed := *result
		failed.Error = &hedgeError{result.Error}
		return &failed
	}
}

// first makes a call's first attempt, or its retry, and takes its duration.
func (h *hedge) first(exec failsafe.Execution[*Response], attempt func(failsafe.Execution[*Response]) *common.PolicyResult[*Response]) *common.PolicyResult[*Response] {
	if h.budget != nil && exec.Retries() == 0 {
		h.budget.earn()
	}
	begin := time.Now()
	result := attempt(exec)
	if took := time.Since(begin); h.tells(result.Error, took) {
		h.slow.observe(took)
	}
	return result
}

// tells reports whether the duration of a first attempt says how long attempts take. One that a faster hedge has ended, or the caller, was slow
// if it had taken longer than the percentile; nothing is known otherwise.
func (h *hedge) tells(err error, took time.Duration) bool {
	failed, ok := errors.AsType[*AttemptError](err)
	switch {
	case err == nil:
		return true
	case !ok:
		return false
	case failed.byCaller:
		slow := h.slow.value()
		return slow > 0 && took >= slow
	default:
		return failed.Reason == ReasonTimeout || failed.Reason == ReasonBadResponse
	}
}

// allowed reports whether a hedge may be sent: not to an upstream whose breaker tries it, and within the budget.
func (h *hedge) allowed() bool {
	if h.circuit != nil && !h.circuit.circuit.IsClosed() {
		return false
	}
	if h.budget == nil || h.budget.spend() {
		return true
	}
	h.exhausted()
	return false
}

// errNotHedged is the end of a hedge that was not sent.
var errNotHedged = errors.New("hedge not sent")

// hedgeError is the end of a hedge without an answer.
type hedgeError struct{ error }

func (e *hedgeError) Unwrap() error { return e.error }

func hedged(err error) bool {
	_, ok := errors.AsType[*hedgeError](err)
	return ok
}

var _ failsafe.Policy[*Response] = (*hedge)(nil)
