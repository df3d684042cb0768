package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"deals.example/internal/correlation"
	"deals.example/observability"
)

// spans makes the client spans of attempts. It does what otelhttp's transport would, and knows what that can't: whose
// address this is and which retry an attempt is. It also costs a third, since it keeps no metrics of its own.
type spans struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	name       string
	attrs      []attribute.KeyValue
}

func newSpans(tracers trace.TracerProvider, service string, base *url.URL) spans {
	if tracers == nil {
		tracers = noop.NewTracerProvider()
	}
	attrs := []attribute.KeyValue{
		semconv.HTTPRequestMethodGet,
		semconv.ServicePeerName(service),
		semconv.ServerAddress(base.Hostname()),
	}
	if port, err := strconv.Atoi(base.Port()); err == nil {
		attrs = append(attrs, semconv.ServerPort(port))
	}
	return spans{
		tracer:     tracers.Tracer("deals.example/internal/upstream"),
		propagator: observability.Propagator(),
		name:       http.MethodGet + " " + service,
		attrs:      attrs,
	}
}

func (s spans) start(ctx context.Context, target string, retries int) (context.Context, trace.Span) {
	ctx, span := s.tracer.Start(ctx, s.name, trace.WithSpanKind(trace.SpanKindClient))
	if span.IsRecording() {
		span.SetAttributes(s.attrs...)
		span.SetAttributes(semconv.URLFull(target))
		if retries > 0 {
			span.SetAttributes(semconv.HTTPRequestResendCount(retries))
		}
	}
	return ctx, span
}

// finish records how an attempt ended. To a client, every 4xx and 5xx is an error; a canceled attempt is none.
func finish(span trace.Span, response *Response, err error) {
	if !span.IsRecording() {
		return
	}
	if response != nil {
		span.SetAttributes(semconv.HTTPResponseStatusCode(response.Status))
	}
	if err == nil && response.Status >= http.StatusBadRequest {
		span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(response.Status)))
		span.SetStatus(codes.Error, "")
		return
	}
	observability.Fail(span, err)
}

// inject puts the trace and the correlation id of ctx on a request.
func (s spans) inject(ctx context.Context, header http.Header) {
	s.propagator.Inject(ctx, propagation.HeaderCarrier(header))
	if id := correlation.FromContext(ctx); id != "" {
		header.Set(correlation.Header, id)
	}
}
