package queue

import (
	"context"
	"regexp"
	"time"

	"deals.example/observability"
)

// StepError reports the step of a job that failed.
type StepError struct {
	Step string
	Err  error
}

var stepOfError = regexp.MustCompile(`^step ([a-z][a-z0-9-]*): `)

// Error returns the text that failedStep parses.
func (e *StepError) Error() string { return "step " + e.Step + ": " + e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

// ErrorType returns the step, as the error.type of the span of an attempt.
func (e *StepError) ErrorType() string { return e.Step }

// failedStep returns the step in a job's last error, "" if there is none.
func failedStep(lastError string) string {
	match := stepOfError.FindStringSubmatch(lastError)
	if match == nil {
		return ""
	}
	return match[1]
}

// Step calls do in a span and records its duration in worker_step_duration_seconds. The name consists of lower case letters, digits and
// hyphens. An error is a *StepError. Outside an attempt there is no span and no metric.
func Step(ctx context.Context, name string, do func(context.Context) error) error {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return asStepError(name, do(ctx))
	}
	start := time.Now()
	ctx, span := a.server.tracer.Start(ctx, name)
	defer span.End()
	err := do(ctx)
	observability.Fail(span, err)
	outcome := outcomeCompleted
	if err != nil {
		outcome = "failed"
	}
	observability.Observe(ctx, a.server.metrics.step.WithLabelValues(a.server.rules.queue, name, outcome), time.Since(start))
	return asStepError(name, err)
}

func asStepError(name string, err error) error {
	if err == nil {
		return nil
	}
	return &StepError{Step: name, Err: err}
}
