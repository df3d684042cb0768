package observability

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/grafana/pyroscope-go"
)

// Rates of the profiles that Go takes only when asked to: one mutex contention in 10, one blocking event per 100 µs blocked.
const (
	mutexProfileFraction = 10
	blockProfileRate     = 100_000 // ns
)

// uploadTimeout bounds the upload of one profile, of which there are several every 15 s.
const uploadTimeout = 10 * time.Second

func (t *Telemetry) startProfiles(cfg Config, id Identity) error {
	if cfg.PyroscopeURL == "" {
		return nil
	}
	runtime.SetMutexProfileFraction(mutexProfileFraction)
	runtime.SetBlockProfileRate(blockProfileRate)
	// A transport of our own, since that of Pyroscope's client keeps its connections, and their goroutines, for ever.
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
		return fmt.Errorf("start the profiler: %w", err)
	}
	t.stops = append(t.stops, func(ctx context.Context) error {
		defer client.CloseIdleConnections()
		return stopProfiler(ctx, profiler)
	})
	return nil
}

// stopProfiler sends the profiles taken since the last upload, which Stop alone would drop. Neither takes a context, and both wait for
// uploads that hang: a caller that has no more time leaves them behind.
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
		return fmt.Errorf("stop the profiler: %w", ctx.Err())
	}
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
	l.errors.Handle(fmt.Errorf(format, args...))
}
