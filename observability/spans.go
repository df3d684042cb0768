package observability

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Attributes of spans that OpenTelemetry's semantic conventions have no name for. The correlation id has the name of its log field,
// correlation.Field.
const (
	AttrJobAttempt     = attribute.Key("deals.job.attempt")     // number of the attempt, from 1
	AttrJobsEnqueued   = attribute.Key("deals.jobs.enqueued")   // jobs of a batch that Redis confirmed
	AttrHashRounds     = attribute.Key("deals.hash.rounds")     // of PBKDF2
	AttrHashIterations = attribute.Key("deals.hash.iterations") // of PBKDF2, in each round
)

// Names of the spans of waits.
const (
	WaitAdmission = "wait for admission" // to the API
	WaitCapacity  = "wait for capacity"  // of a domain service
	WaitLimiter   = "wait for limiter"   // of the calls to an upstream
	WaitHashPool  = "wait for hash pool" // of a thread
)

// minWait is the shortest wait that has a span. Shorter ones explain no latency, and would double the spans of an idle platform.
const minWait = time.Millisecond

// StartChild starts a child of ctx's span, with the same tracer provider. The child is recorded if that span is.
func StartChild(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("deals.example/observability")
	return tracer.Start(ctx, name, options...) //nolint:spancheck // the caller ends it
}

// Waited records a wait that began at start and ends now as a child of ctx's span. A wait of less than a millisecond is left out unless it
// has failed with err.
func Waited(ctx context.Context, name string, start time.Time, err error) {
	if !trace.SpanFromContext(ctx).IsRecording() || err == nil && time.Since(start) < minWait {
		return
	}
	_, span := StartChild(ctx, name, trace.WithTimestamp(start))
	defer span.End()
	Fail(span, err)
}

// Fail records that the operation of a span has failed with err, unless that is nil. An operation that its caller has canceled has not failed:
// its span gets an event, and its status stays unset. The error.type is that of semconv.ErrorType.
func Fail(span trace.Span, err error) {
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled):
		span.AddEvent("canceled by the caller")
	default:
		span.SetAttributes(semconv.ErrorType(err))
		span.SetStatus(codes.Error, Text(err.Error()))
	}
}
