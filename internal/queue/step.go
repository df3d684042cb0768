package queue

import (
	"context"
	"regexp"
	"time"

	"go.opentelemetry.io/otel/codes"

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
	outcome := outcomeCompleted
	if err != nil {
		outcome = "failed"
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
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
