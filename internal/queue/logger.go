package queue

import (
	"fmt"
	"log/slog"
)

// asynqLogger writes what asynq has to say, of any level, as records with the message "asynq".
type asynqLogger struct {
	logger *slog.Logger
}

// Debug implements asynq.Logger.
func (l asynqLogger) Debug(args ...any) { l.logger.Debug("asynq", "message", fmt.Sprint(args...)) }

// Info implements asynq.Logger.
func (l asynqLogger) Info(args ...any) { l.logger.Info("asynq", "message", fmt.Sprint(args...)) }

// Warn implements asynq.Logger.
func (l asynqLogger) Warn(args ...any) { l.logger.Warn("asynq", "message", fmt.Sprint(args...)) }

// Error implements asynq.Logger.
func (l asynqLogger) Error(args ...any) { l.logger.Error("asynq", "message", fmt.Sprint(args...)) }

// Fatal implements asynq.Logger. It should end the process, but asynq calls it nowhere.
func (l asynqLogger) Fatal(args ...any) { l.logger.Error("asynq", "message", fmt.Sprint(args...)) }
