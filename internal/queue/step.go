package queue

import (
	"context"
	"regexp"
	"time"

	"go.opentelemetry.io/otel/codes"

	"deals.example/observability"
)

// StepError says which step of a job failed.
type StepError struct {
	Step string
	Err  error
}

var stepOfError = regexp.MustCompile(`^step ([a-z][a-z0-9-]*): `)

// Error is also what the DLQ reads the step from.
func (e *StepError) Error() string { return "step " + e.Step + ": " + e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

// failedStep returns the step that a job's last error names, or "".
func failedStep(lastError string) string {
	match := stepOfError.FindStringSubmatch(lastError)
	if match == nil {
		return ""
	}
	return match[1]
}

// Step runs a part of a job, named with lower case letters, digits and dashes, within a span and measured by
// worker_step_duration_seconds. Its error is a *StepError. Outside of an attempt it only runs it.
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
