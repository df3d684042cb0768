package testkit

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Runner is a component of the platform, such as an app.Component.
type Runner interface {
	Run(ctx context.Context, environ map[string]string) error
}

// Instance is a component that runs in the process of the test. It is safe for concurrent use, except Stop.
type Instance struct {
	*Client

	end   context.CancelFunc
	ended chan struct{}
	err   error // result of Run; read it after ended is closed
	asked bool  // the test has called Stop
}

// Run runs a component on a free port of 127.0.0.1 and returns when it answers. The component is stopped when the test ends. An error of
// Run then fails the test, unless the test has called Stop. By default DRAIN_GRACE is 0 and LOG_LEVEL is error; environ overrides these.
func Run(tb testing.TB, component Runner, environ map[string]string) *Instance {
	tb.Helper()
	port := strconv.Itoa(FreePort(tb))
	settings := map[string]string{"PORT": port, "DRAIN_GRACE": "0s", "LOG_LEVEL": "error"}
	maps.Copy(settings, environ)
	// The context of a test ends before its cleanups; a cleanup stops the component.
	ctx, end := context.WithCancel(context.WithoutCancel(tb.Context()))
	i := &Instance{Client: ClientOf("http://127.0.0.1:" + port), end: end, ended: make(chan struct{})}
	go func() {
		defer close(i.ended)
		i.err = component.Run(ctx, settings)
	}()
	tb.Cleanup(func() {
		if !i.asked {
			assert.NoError(tb, i.Stop(), "end of the component")
		}
		i.http.CloseIdleConnections()
	})
	require.NoError(tb, i.await(tb.Context()), "start of the component on port %s", port)
	return i
}

// Begin starts the shutdown of the component and does not wait.
func (i *Instance) Begin() { i.end() }

// Stop stops the component and returns the result of Run.
func (i *Instance) Stop() error {
	i.asked = true
	i.end()
	<-i.ended
	return i.err
}

// await waits until the component answers, or returns the error with which it ended.
func (i *Instance) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := i.Try(ctx, http.MethodGet, "/healthz", "", nil)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-i.ended:
			return i.err
		case <-ctx.Done():
			return err
		}
	}
}

// DeadURL returns a URL on which no server listens.
func DeadURL(tb testing.TB) string {
	tb.Helper()
	return "http://127.0.0.1:" + strconv.Itoa(FreePort(tb))
}
