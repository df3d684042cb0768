package upstream

import (
	"sync/atomic"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/common"
	"github.com/failsafe-go/failsafe-go/policy"
)

const (
	token         = 1000 // the price of a retry or hedge, in the unit in which calls earn
	budgetTokens  = 10   // the most that a busy service saves up for a bad moment
	reserveTokens = 2    // what a service starts with, so that its first calls may be retried too
)

// tokens is a token bucket over the calls of one upstream: each call earns a share of a token, and an extra attempt spends a
// whole one. Over any stretch of time, extra attempts are at most share times the calls, plus budgetTokens.
// The idea is Finagle's RetryBudget. It is safe for concurrent use.
type tokens struct {
	share int64 // of a token, per call
	saved atomic.Int64
}

func newTokens(ratio float64, reserve int64) *tokens {
	t := &tokens{share: int64(ratio * token)}
	t.saved.Store(reserve * token)
	return t
}

func (t *tokens) earn() {
	for {
		saved := t.saved.Load()
		if t.saved.CompareAndSwap(saved, min(saved+t.share, budgetTokens*token)) {
			return
		}
	}
}

func (t *tokens) spend() bool {
	for {
		saved := t.saved.Load()
		if saved < token {
			return false
		}
		if t.saved.CompareAndSwap(saved, saved-token) {
			return true
		}
	}
}

// retryBudget pays for retries.
type retryBudget struct {
	*tokens

	exhausted func()
}

func newRetryBudget(ratio float64, exhausted func()) *retryBudget {
	return &retryBudget{tokens: newTokens(ratio, reserveTokens), exhausted: exhausted}
}

// ToExecutor makes the budget a failsafe policy. It sits inside retry and makes a failure final when it can't pay.
func (b *retryBudget) ToExecutor(_ *Response) any {
	e := &budgetExecutor{budget: b}
	e.Executor = e
	return e
}

type budgetExecutor struct {
	policy.BaseExecutor[*Response]
	budget *retryBudget
}

// PostExecute lets the first attempt of a call earn, if it was made, and pay for its retry, if it needs one.
func (e *budgetExecutor) PostExecute(exec policy.ExecutionInternal[*Response], result *common.PolicyResult[*Response]) *common.PolicyResult[*Response] {
	if exec.Retries() > 0 || !attempted(result.Error) {
		return result
	}
	e.budget.earn()
	if !transient(result.Error) || e.budget.spend() {
		return result
	}
	e.budget.exhausted()
	final := *result
	final.Error = &finalError{result.Error}
	return &final
}

// finalError is a failure that would be retried, were there budget left.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

var _ failsafe.Policy[*Response] = (*retryBudget)(nil)
