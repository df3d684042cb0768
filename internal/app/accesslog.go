package app

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"deals.example/observability"
)

// accessLog logs one request in sample, and every request that fails with a 5xx or takes at least slow. It also logs every request that
// misses the latency objective and has a recorded trace, so that the trace of a slow list has a line. The sampler bounds their number.
type accessLog struct {
	logger *slog.Logger
	sample uint64
	slow   time.Duration
	seen   atomic.Uint64
}

func (l *accessLog) handle(c *gin.Context) {
	start := time.Now()
	c.Next()
	status, took := c.Writer.Status(), time.Since(start)
	failed := status >= http.StatusInternalServerError
	traced := trace.SpanContextFromContext(c.Request.Context()).IsSampled()
	slow := took >= l.slow || traced && took >= observability.LatencyObjective
	if sampled := l.seen.Add(1)%l.sample == 0; !sampled && !failed && !slow {
		return
	}
	level := slog.LevelInfo
	if failed {
		level = slog.LevelWarn
	}
	l.write(c, level, status, start)
}

func (l *accessLog) write(c *gin.Context, level slog.Level, status int, start time.Time) {
	ctx := context.WithoutCancel(c.Request.Context())
	if !l.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", route(c)), slog.String("path", c.Request.URL.Path),
		slog.Int("status", status), slog.Float64("duration_ms", elapsedMs(start)), slog.Int("bytes", max(c.Writer.Size(), 0)),
	}
	if len(c.Errors) > 0 {
		attrs = append(attrs, slog.String("error", c.Errors.Last().Error()))
	}
	l.logger.LogAttrs(ctx, level, "request", attrs...)
}
