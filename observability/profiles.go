package observability

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/grafana/pyroscope-go"
)

// Rates of Go's optional profiles: one mutex contention in 10, one blocking event per 100 µs blocked.
const (
	mutexProfileFraction = 10
	blockProfileRate     = 100_000 // ns
)

// uploadTimeout is the timeout of one upload. There are several every 15 s.
const uploadTimeout = 10 * time.Second

func (t *Telemetry) startProfiles(cfg Config, id Identity) error {
	if cfg.PyroscopeURL == "" {
		return nil
	}
	runtime.SetMutexProfileFraction(mutexProfileFraction)
	runtime.SetBlockProfileRate(blockProfileRate)
	// The default transport of Pyroscope's client never closes idle connections.
	client := &http.Client{Transport: &http.Transport{IdleConnTimeout: time.Minute}, Timeout: uploadTimeout}
	profiler, err := pyroscope.Start(pyroscope.Config{
		ApplicationName: id.Service,
		ServerAddress:   cfg.PyroscopeURL,
		Tags:            map[string]string{"instance": id.Instance},
		HTTPClient:      client,
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
		return fmt.Errorf("start profiler: %w", err)
	}
	t.stops = append(t.stops, func(ctx context.Context) error {
		defer client.CloseIdleConnections()
		return stopProfiler(ctx, profiler)
	})
	return nil
}

// stopProfiler sends the profiles taken since the last upload, which Stop alone would drop. Flush and Stop take no context and wait for
// hanging uploads, so they continue in the background when ctx ends.
func stopProfiler(ctx context.Context, profiler *pyroscope.Profiler) error {
	stopped := make(chan error, 1)
	go func() {
		profiler.Flush(true)
		stopped <- profiler.Stop()
	}()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop profiler: %w", ctx.Err())
	}
}

// pyroscopeLogger logs the profiler's errors, rate-limited, and drops its other messages.
type pyroscopeLogger struct {
	errors *quietErrors
}

// Infof drops the message.
func (pyroscopeLogger) Infof(string, ...any) {}

// Debugf drops the message.
func (pyroscopeLogger) Debugf(string, ...any) {}

// Errorf logs the message, at most once per period.
func (l pyroscopeLogger) Errorf(format string, args ...any) {
	l.errors.Handle(fmt.Errorf(format, args...))
}
