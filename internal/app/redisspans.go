package app

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"deals.example/observability"
)

// redisSpans makes a span of each command, pipeline and dial, with the attributes of OpenTelemetry's conventions for Redis. go-redis' own
// hook (redisotel) is not used: it has the attributes of version 1.24. Keys and arguments are not recorded.
type redisSpans struct {
	tracer trace.Tracer
	attrs  []attribute.KeyValue
}

func newRedisSpans(tracers trace.TracerProvider, options *redis.UniversalOptions) redisSpans {
	attrs := []attribute.KeyValue{semconv.DBSystemNameRedis, semconv.DBNamespace(strconv.Itoa(options.DB))}
	if host, port, err := net.SplitHostPort(options.Addrs[0]); err == nil {
		attrs = append(attrs, semconv.ServerAddress(host))
		if number, err := strconv.Atoi(port); err == nil {
			attrs = append(attrs, semconv.ServerPort(number))
		}
	}
	return redisSpans{tracers.Tracer("deals.example/internal/app"), attrs}
}

// DialHook implements redis.Hook. The span is internal, since a dial is no call of Redis.
func (s redisSpans) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, span := s.tracer.Start(ctx, "dial redis", trace.WithAttributes(s.attrs...))
		defer span.End()
		conn, err := next(ctx, network, addr)
		observability.Fail(span, err)
		return conn, err
	}
}

// ProcessHook implements redis.Hook.
func (s redisSpans) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, span := s.start(ctx, cmd.FullName())
		defer span.End()
		err := next(ctx, cmd)
		finishRedis(span, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (s redisSpans) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, span := s.start(ctx, pipelineName(cmds))
		defer span.End()
		if len(cmds) > 1 {
			span.SetAttributes(semconv.DBOperationBatchSize(len(cmds)))
		}
		err := next(ctx, cmds)
		finishRedis(span, err)
		return err
	}
}

func (s redisSpans) start(ctx context.Context, operation string) (context.Context, trace.Span) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(s.attrs...), trace.WithAttributes(semconv.DBOperationName(operation)),
	}
	return s.tracer.Start(ctx, operation, options...) //nolint:spancheck // the caller ends it
}

// pipelineName returns PIPELINE, followed by the name of the commands if all have the same.
func pipelineName(cmds []redis.Cmder) string {
	names := map[string]bool{}
	for _, cmd := range cmds {
		names[cmd.FullName()] = true
	}
	switch {
	case len(cmds) == 1:
		return cmds[0].FullName()
	case len(names) == 1:
		return "PIPELINE " + cmds[0].FullName()
	default:
		return "PIPELINE"
	}
}

// finishRedis records how a command ended. An absent key is no error, nor is NOSCRIPT: the client then sends the script itself.
func finishRedis(span trace.Span, err error) {
	if errors.Is(err, redis.Nil) {
		return
	}
	refused, answered := errors.AsType[redis.Error](err)
	if !answered {
		observability.Fail(span, err)
		return
	}
	prefix, _, _ := strings.Cut(refused.Error(), " ")
	span.SetAttributes(semconv.DBResponseStatusCode(prefix))
	if prefix != "NOSCRIPT" {
		observability.Fail(span, redisError{err, prefix})
	}
}

// redisError is an error that Redis has answered. Its error.type is the prefix, such as OOM.
type redisError struct {
	error

	prefix string
}

// ErrorType implements what semconv.ErrorType asks for.
func (e redisError) ErrorType() string { return e.prefix }
