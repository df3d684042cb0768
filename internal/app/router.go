package app

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/internal/problem"
	"deals.example/observability"
)

// newRouter returns a router with the middleware of every component.
func newRouter(rt *Runtime, info Info, cfg Config) *gin.Engine {
	sample := uint64(cfg.AccessLogSample) //nolint:gosec // validated to be positive
	log := &accessLog{logger: rt.Logger, sample: sample, slow: cfg.AccessLogSlow}
	return newEngine( // outermost first
		correlate,
		traced(rt.Tracers, info.Public),
		propagated(rt.Registry, info.Public), // deadline and criticality
		measured(newRequestMetrics(rt.Registry, info.Metrics, rt.Name)),
		log.handle,
		recovery(rt.Logger),
		rt.Guard.Check,
		gated(rt),
	)
}

// newEngine returns a router that answers unknown paths and methods with errors of package problem.
func newEngine(middleware ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	_ = router.SetTrustedProxies(nil) // nil is valid
	router.Use(middleware...)
	router.NoRoute(func(c *gin.Context) { problem.Write(c, problem.NotFound("page", c.Request.URL.Path)) })
	router.NoMethod(func(c *gin.Context) { problem.Write(c, problem.MethodNotAllowed(c.Request.Method)) })
	return router
}

// correlate adds the correlation id of the request to its context and to the response. It creates one if the request has no valid id.
func correlate(c *gin.Context) {
	id := c.GetHeader(correlation.Header)
	if !correlation.Valid(id) {
		id = correlation.New()
	}
	c.Header(correlation.Header, id)
	c.Request = c.Request.WithContext(correlation.NewContext(c.Request.Context(), id))
	c.Next()
}

// traced starts a server span named after the route. It continues the caller's trace; a public component starts a new one. gin's
// OpenTelemetry middleware is not used because its releases lag behind the SDK, and because it computes attributes of spans that are not
// recorded.
func traced(tracers trace.TracerProvider, public bool) gin.HandlerFunc {
	tracer, propagator := tracers.Tracer("deals.example/internal/app"), observability.Propagator()
	return func(c *gin.Context) {
		ctx := propagator.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
		var root []trace.SpanStartOption
		if public {
			ctx, root = observability.BeginHere(ctx)
		}
		ctx, span := tracer.Start(ctx, spanName(c), append(root, trace.WithSpanKind(trace.SpanKindServer))...)
		defer span.End()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
		if span.IsRecording() {
			describe(span, c)
		}
	}
}

// spanName returns the method and the route. The conventions want HTTP for an unknown method, and no target where no route matches.
func spanName(c *gin.Context) string {
	name := method(c)
	if name == otherMethod {
		name = "HTTP"
	}
	if c.FullPath() == "" {
		return name
	}
	return name + " " + c.FullPath()
}

// describe sets the attributes of OpenTelemetry's conventions for HTTP servers.
func describe(span trace.Span, c *gin.Context) {
	span.SetAttributes(requestAttributes(c.Request)...)
	if route := c.FullPath(); route != "" {
		span.SetAttributes(semconv.HTTPRoute(route))
	}
	status := c.Writer.Status()
	span.SetAttributes(semconv.HTTPResponseStatusCode(status), semconv.HTTPResponseBodySize(max(c.Writer.Size(), 0)))
	if status < http.StatusInternalServerError {
		return
	}
	description := ""
	if last := c.Errors.Last(); last != nil {
		description = observability.Text(last.Error())
	}
	span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
	span.SetStatus(codes.Error, description)
}

func requestAttributes(r *http.Request) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		semconv.URLScheme("http"), semconv.URLPath(observability.Text(r.URL.Path)), semconv.NetworkProtocolVersion(strings.TrimPrefix(r.Proto, "HTTP/")),
		attribute.String(correlation.Field, correlation.FromContext(r.Context())),
	}
	if known(r.Method) {
		attrs = append(attrs, semconv.HTTPRequestMethodKey.String(r.Method))
	} else {
		attrs = append(attrs, semconv.HTTPRequestMethodOther, semconv.HTTPRequestMethodOriginal(observability.Text(r.Method)))
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host // without a port
	} else if number, err := strconv.Atoi(port); err == nil {
		attrs = append(attrs, semconv.ServerPort(number))
	}
	attrs = append(attrs, semconv.ServerAddress(observability.Text(host)))
	if r.URL.RawQuery != "" {
		attrs = append(attrs, semconv.URLQuery(observability.Text(r.URL.RawQuery)))
	}
	if agent := r.UserAgent(); agent != "" {
		attrs = append(attrs, semconv.UserAgentOriginal(observability.Text(agent)))
	}
	return attrs
}

// recovery logs a panic of a handler with its stack, and responds with a 500 unless the response has started.
func recovery(logger *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			if panicked := recover(); panicked != nil {
				logger.ErrorContext(c.Request.Context(), "handler panicked", "panic", panicked, "stack", string(debug.Stack()))
				if c.Writer.Written() {
					c.Abort()
					return
				}
				problem.Write(c, fmt.Errorf("panic: %v", panicked))
			}
		}()
		c.Next()
	}
}

// gated accepts requests until the drain closes the gate. While the component is not ready, responses close the connection, so that a load
// balancer can send the client elsewhere.
func gated(rt *Runtime) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !rt.health.isReady() {
			c.Header("Connection", "close")
		}
		if !rt.gate.enter() {
			problem.Write(c, problem.ShuttingDown())
			return
		}
		defer rt.gate.leave()
		c.Next()
	}
}

// route returns the route pattern of the request, which bounds the number of label values.
func route(c *gin.Context) string {
	if path := c.FullPath(); path != "" {
		return path
	}
	return "unmatched"
}

const otherMethod = "other"

// method returns the method of the request, or otherMethod for an unknown one, which bounds the number of label values.
func method(c *gin.Context) string {
	if known(c.Request.Method) {
		return c.Request.Method
	}
	return otherMethod
}

func known(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	default:
		return false
	}
}

func elapsedMs(start time.Time) float64 { return float64(time.Since(start).Microseconds()) / 1000 }
