package observability

import (
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// sampler returns the configured sampler. A ratio above 1 samples everything, as the standard's default does.
func (c Config) sampler() sdktrace.Sampler {
	switch c.Sampler {
	case "always_on":
		return sdktrace.AlwaysSample()
	case "always_off":
		return sdktrace.NeverSample()
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(c.SamplerArg)
	case "parentbased_always_on":
		return parentBased(sdktrace.AlwaysSample())
	case "parentbased_always_off":
		return parentBased(sdktrace.NeverSample())
	case "parentbased_traceidratio":
		return parentBased(sdktrace.TraceIDRatioBased(c.SamplerArg))
	default:
		return parentBased(newRateLimited(c.SamplerArg))
	}
}

// parentBased follows the caller's sampling decision, and uses root if there is no caller. The SDK's ParentBased does not see the caller of
// a trace whose root is here; see BeginHere.
func parentBased(root sdktrace.Sampler) sdktrace.Sampler {
	return callerSampler{sdktrace.ParentBased(root)}
}

type callerSampler struct{ sdktrace.Sampler }

// ShouldSample may be called concurrently.
func (s callerSampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
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

// rateLimited samples at most perSecond traces per second. With low traffic it samples all of them; under load the cost of tracing stays
// constant.
type rateLimited struct {
	tokens    *rate.Limiter
	perSecond float64
}

func newRateLimited(perSecond float64) rateLimited {
	return rateLimited{rate.NewLimiter(rate.Limit(perSecond), int(max(perSecond, 1))), perSecond}
}

// ShouldSample samples the trace if the rate limit allows it. It may be called concurrently.
func (s rateLimited) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	result := sdktrace.SamplingResult{Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
	if s.perSecond > 0 && s.tokens.Allow() {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// Description returns the sampler's name for the SDK's log.
func (s rateLimited) Description() string { return fmt.Sprintf("RateLimited{%g/s}", s.perSecond) }
