package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// asynq says again at each poll that Redis is gone: some lines at once, then one in a while, are enough.
const (
	complaintsAtOnce = 5
	complaintEvery   = 10 * time.Second
)

// asynqLogger writes what asynq has to say as records with the message "asynq"; what is none but its own is at debug level.
type asynqLogger struct {
	logger     *slog.Logger
	complaints *rate.Limiter
}

func newAsynqLogger(logger *slog.Logger) asynqLogger {
	return asynqLogger{logger, rate.NewLimiter(rate.Every(complaintEvery), complaintsAtOnce)}
}

// Debug implements asynq.Logger.
func (l asynqLogger) Debug(args ...any) { l.logger.Debug("asynq", "message", fmt.Sprint(args...)) }

// Info implements asynq.Logger.
func (l asynqLogger) Info(args ...any) { l.Debug(args...) }

// Warn implements asynq.Logger.
func (l asynqLogger) Warn(args ...any) { l.complain(slog.LevelWarn, args) }

// Error implements asynq.Logger.
func (l asynqLogger) Error(args ...any) { l.complain(slog.LevelError, args) }

// Fatal implements asynq.Logger. It should end the process, but asynq calls it nowhere.
func (l asynqLogger) Fatal(args ...any) { l.complain(slog.LevelError, args) }

func (l asynqLogger) complain(level slog.Level, args []any) {
	if l.complaints.Allow() {
		l.logger.Log(context.Background(), level, "asynq", "message", fmt.Sprint(args...))
	}
}
