package upstream

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/common"
	"github.com/failsafe-go/failsafe-go/policy"
)

// breakerJitter spreads the trials of several processes that saw the same upstream die.
const breakerJitter = 0.25

// breaker is failsafe's circuit breaker with a third outcome: an attempt that ended without an answer because its caller
// gave up, or that was not made at all, is no evidence.
type breaker struct {
	circuit circuitbreaker.CircuitBreaker[*Response]
}

func newBreaker(cfg Config, service string, logger *slog.Logger) *breaker {
	logged := func(event circuitbreaker.StateChangedEvent) {
		level := slog.LevelInfo
		if event.NewState == circuitbreaker.OpenState {
			level = slog.LevelWarn
		}
		logger.Log(context.WithoutCancel(event.Context()), level, "circuit breaker changed state",
			slog.String("upstream", service),
			slog.String("from", event.OldState.String()),
			slog.String("to", event.NewState.String()),
			slog.Float64("failure_rate", event.Metrics().FailureRate()))
	}
	circuit := circuitbreaker.NewBuilder[*Response]().
		WithFailureRateThreshold(cmp.Or(cfg.BreakerFailureRate, defaultFailureRate), uint(cfg.BreakerMinCalls), cfg.BreakerWindow).
		WithSuccessThreshold(uint(cfg.BreakerTrials)).
		WithDelay(cfg.BreakerOpenFor).
		WithJitterFactor(breakerJitter).
		OnStateChanged(logged).
		Build()
	return &breaker{circuit: circuit}
}

// ToExecutor makes the breaker a failsafe policy.
func (b *breaker) ToExecutor(_ *Response) any {
	e := &breakerExecutor{circuit: b.circuit}
	e.Executor = e
	return e
}

type breakerExecutor struct {
	policy.BaseExecutor[*Response]
	circuit circuitbreaker.CircuitBreaker[*Response]
}

// Apply refuses attempts while the breaker is open, and tells it what the others have shown.
func (e *breakerExecutor) Apply(attempt func(failsafe.Execution[*Response]) *common.PolicyResult[*Response]) func(failsafe.Execution[*Response]) *common.PolicyResult[*Response] {
	return func(exec failsafe.Execution[*Response]) *common.PolicyResult[*Response] {
		if !e.circuit.TryAcquirePermit() {
			return &common.PolicyResult[*Response]{Error: circuitbreaker.ErrOpen, Done: true}
		}
		trial := e.circuit.IsHalfOpen() // the attempt holds one of the half-open breaker's permits
		result := attempt(exec)
		e.record(trial, result.Error)
		return result
	}
}

// record tells the breaker what an attempt has shown, if anything.
func (e *breakerExecutor) record(trial bool, err error) {
	switch {
	case !trial && e.circuit.IsHalfOpen():
		// Late news from before the breaker opened; the trials decide.
	case transient(err):
		e.circuit.RecordFailure()
	case answered(err):
		e.circuit.RecordSuccess()
	case trial && e.circuit.IsHalfOpen():
		// A permit can only be given back with a verdict. A trial that proved nothing lets the breaker wait once more.
		e.circuit.RecordFailure()
	}
}

var _ failsafe.Policy[*Response] = (*breaker)(nil)
