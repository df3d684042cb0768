package upstream

import (
	"errors"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	maxRetries    = 1
	retryDelayMin = 30 * time.Millisecond
	retryDelayMax = 180 * time.Millisecond
)

// newExecutor composes the policies of one upstream; doc.go says why in this order. budget and circuit may be nil.
func newExecutor(budget *retryBudget, circuit *breaker) failsafe.Executor[*Response] {
	var policies []failsafe.Policy[*Response]
	if budget != nil {
		policies = append(policies, newRetry(), budget)
	}
	if circuit != nil {
		policies = append(policies, circuit)
	}
	return failsafe.With(policies...)
}

func newRetry() failsafe.Policy[*Response] {
	return retrypolicy.NewBuilder[*Response]().
		HandleIf(func(_ *Response, err error) bool { return retriable(err) }).
		WithMaxRetries(maxRetries).
		WithRandomDelay(retryDelayMin, retryDelayMax).
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

// retriable reports whether a failed attempt is worth another one, and paid for.
func retriable(err error) bool {
	_, final := errors.AsType[*finalError](err)
	return transient(err) && !final
}
