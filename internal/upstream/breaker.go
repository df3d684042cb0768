package upstream

import (
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
		WithFailureRateThreshold(cfg.BreakerFailureRate, uint(cfg.BreakerMinCalls), cfg.BreakerWindow).
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

// breakerExecutor follows one call through its attempts, one after the other.
type breakerExecutor struct {
	policy.BaseExecutor[*Response]
	circuit circuitbreaker.CircuitBreaker[*Response]
	trial   bool // the attempt holds one of the half-open breaker's permits
}

// PreExecute refuses the attempt while the breaker is open.
func (e *breakerExecutor) PreExecute(policy.ExecutionInternal[*Response]) *common.PolicyResult[*Response] {
	if !e.circuit.TryAcquirePermit() {
		return &common.PolicyResult[*Response]{Error: circuitbreaker.ErrOpen, Done: true}
	}
	e.trial = e.circuit.IsHalfOpen()
	return nil
}

// PostExecute tells the breaker what the attempt has shown, if anything.
func (e *breakerExecutor) PostExecute(_ policy.ExecutionInternal[*Response], result *common.PolicyResult[*Response]) *common.PolicyResult[*Response] {
	switch {
	case !e.trial && e.circuit.IsHalfOpen():
		// Late news from before the breaker opened; the trials decide.
	case transient(result.Error):
		e.circuit.RecordFailure()
	case answered(result.Error):
		e.circuit.RecordSuccess()
	case e.trial && e.circuit.IsHalfOpen():
		// A permit can only be given back with a verdict. A trial that proved nothing lets the breaker wait once more.
		e.circuit.RecordFailure()
	}
	return result
}

var _ failsafe.Policy[*Response] = (*breaker)(nil)
