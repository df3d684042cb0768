package observability

import (
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// sampler is the one that the settings name. An argument over 1 makes a ratio the whole, which is the standard's default.
func (c Config) sampler() sdktrace.Sampler {
	switch c.Sampler {
	case "always_on":
		return sdktrace.AlwaysSample()
	case "always_off":
		return sdktrace.NeverSample()
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(c.SamplerArg)
	case "parentbased_always_on":
		return callerBased(sdktrace.AlwaysSample())
	case "parentbased_always_off":
		return callerBased(sdktrace.NeverSample())
	case "parentbased_traceidratio":
		return callerBased(sdktrace.TraceIDRatioBased(c.SamplerArg))
	default:
		return callerBased(newRateLimited(c.SamplerArg))
	}
}

// callerBased does as the caller's trace says, and as root says where the caller has none. The SDK's sampler takes a trace that begins anew
// here, see BeginHere, for one without a caller.
func callerBased(root sdktrace.Sampler) sdktrace.Sampler {
	return askedFor{sdktrace.ParentBased(root)}
}

type askedFor struct{ sdktrace.Sampler }

// ShouldSample may be called concurrently.
func (s askedFor) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	caller := trace.SpanContextFromContext(p.ParentContext)
	if caller.HasSpanID() || !caller.HasTraceID() {
		return s.Sampler.ShouldSample(p)
	}
	result := sdktrace.SamplingResult{Tracestate: caller.TraceState()}
	if caller.IsSampled() {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// rateLimited records so many traces a second and no more: all of them while traffic is low, as in an exercise where each one
// matters, and few of the many under load, so that tracing costs what it costs and not a share of the traffic.
type rateLimited struct {
	tokens    *rate.Limiter
	perSecond float64
}

func newRateLimited(perSecond float64) rateLimited {
	return rateLimited{rate.NewLimiter(rate.Limit(perSecond), int(max(perSecond, 1))), perSecond}
}

// ShouldSample takes one of the traces of this second, if there is one left. It may be called concurrently.
func (s rateLimited) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	result := sdktrace.SamplingResult{Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
	if s.perSecond > 0 && s.tokens.Allow() {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// Description names the sampler in the SDK's own log.
func (s rateLimited) Description() string { return fmt.Sprintf("RateLimited{%g/s}", s.perSecond) }
