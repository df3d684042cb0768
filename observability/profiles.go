package observability

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/grafana/pyroscope-go"
)

// Rates of the profiles that Go takes only when asked to: one mutex contention in 10, one blocking event per 100 µs blocked.
const (
	mutexProfileFraction = 10
	blockProfileRate     = 100_000 // ns
)

func (t *Telemetry) startProfiles(cfg Config, id Identity) error {
	if cfg.PyroscopeURL == "" {
		return nil
	}
	runtime.SetMutexProfileFraction(mutexProfileFraction)
	runtime.SetBlockProfileRate(blockProfileRate)
	profiler, err := pyroscope.Start(pyroscope.Config{
		ApplicationName: id.Service,
		ServerAddress:   cfg.PyroscopeURL,
		Tags:            map[string]string{"instance": id.Instance},
		Logger:          pyroscopeLogger{newQuietErrors(t.Logger, time.Minute)},
		ProfileTypes: []pyroscope.ProfileType{
			pyroscope.ProfileCPU,
			pyroscope.ProfileInuseObjects, pyroscope.ProfileInuseSpace,
			pyroscope.ProfileAllocObjects, pyroscope.ProfileAllocSpace,
			pyroscope.ProfileGoroutines,
			pyroscope.ProfileMutexCount, pyroscope.ProfileMutexDuration,
			pyroscope.ProfileBlockCount, pyroscope.ProfileBlockDuration,
		},
	})
	if err != nil {
		return fmt.Errorf("start the profiler: %w", err)
	}
	t.stops = append(t.stops, func(context.Context) error { return profiler.Stop() })
	return nil
}

// pyroscopeLogger lets the profiler's errors through, seldom, and nothing else.
type pyroscopeLogger struct {
	errors *quietErrors
}

// Infof is dropped.
func (pyroscopeLogger) Infof(string, ...any) {}

// Debugf is dropped.
func (pyroscopeLogger) Debugf(string, ...any) {}

// Errorf is logged, at most once a period.
func (l pyroscopeLogger) Errorf(format string, args ...any) {
	l.errors.Handle(fmt.Errorf(format, args...)) //nolint:err113 // the profiler has no error to wrap
}
