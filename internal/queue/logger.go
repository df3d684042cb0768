package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// Rate limit of warnings and errors: asynq repeats them at each poll while Redis is unavailable.
const (
	logBurst    = 5
	logInterval = 10 * time.Second
)

// asynqLogger logs asynq's messages in the attribute message. Informational ones are logged at debug, others are rate limited.
type asynqLogger struct {
	logger  *slog.Logger
	limiter *rate.Limiter
}

func newAsynqLogger(logger *slog.Logger) asynqLogger {
	return asynqLogger{logger, rate.NewLimiter(rate.Every(logInterval), logBurst)}
}

// Debug implements asynq.Logger.
func (l asynqLogger) Debug(args ...any) { l.logger.Debug("asynq", "message", fmt.Sprint(args...)) }

// Info implements asynq.Logger.
func (l asynqLogger) Info(args ...any) { l.Debug(args...) }

// Warn implements asynq.Logger.
func (l asynqLogger) Warn(args ...any) { l.limited(slog.LevelWarn, args) }

// Error implements asynq.Logger.
func (l asynqLogger) Error(args ...any) { l.limited(slog.LevelError, args) }

// Fatal implements asynq.Logger. asynq never calls it.
func (l asynqLogger) Fatal(args ...any) { l.limited(slog.LevelError, args) }

func (l asynqLogger) limited(level slog.Level, args []any) {
	if l.limiter.Allow() {
		l.logger.Log(context.Background(), level, "asynq", "message", fmt.Sprint(args...))
	}
}
