package app_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
)

// events records events in order.
type events struct {
	mu   sync.Mutex
	seen []string
}

func (e *events) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = append(e.seen, what)
}

// noting returns a lifecycle step that records what.
func (e *events) noting(what string) func(context.Context) error {
	return func(context.Context) error {
		e.note(what)
		return nil
	}
}

// slowRoute adds GET /slow, which responds when release is called. entered receives a value for each request.
func slowRoute(rt *app.Runtime) (entered <-chan struct{}, release func()) {
	in, out := make(chan struct{}, 16), make(chan struct{})
	rt.Router.GET("/slow", func(c *gin.Context) {
		in <- struct{}{}
		select {
		case <-out:
			c.String(http.StatusOK, "done")
		case <-c.Request.Context().Done():
			c.Status(http.StatusGatewayTimeout)
		}
	})
	return in, func() { close(out) }
}

func unavailable(a testkit.Answer) bool { return a.Status == http.StatusServiceUnavailable }

func TestShutdownOrder(t *testing.T) {
	var (
		happened events
		entered  <-chan struct{}
		release  func()
	)
	instance := run(t, map[string]string{"DRAIN_GRACE": "2s"}, func(rt *app.Runtime) {
		entered, release = slowRoute(rt)
		rt.OnClose("first", happened.noting("close first"))
		rt.OnClose("second", happened.noting("close second"))
		rt.OnDrain("worker", happened.noting("drain"))
		rt.Go("loop", func(ctx context.Context) error {
			<-ctx.Done()
			happened.note("loop ends")
			return ctx.Err()
		})
	})
	slow := make(chan testkit.Answer, 1)
	go func() { slow <- instance.Get(t, "/slow") }()
	<-entered

	assert.False(t, instance.Get(t, "/hello").Closes)

	instance.Begin()
	instance.Await(t, "/readyz", unavailable)
	grace := instance.Get(t, "/hello")
	assert.Equal(t, http.StatusOK, grace.Status, "requests are served during DRAIN_GRACE")
	assert.True(t, grace.Closes, "the connection is closed")

	refused := instance.Await(t, "/hello", unavailable)
	assert.Equal(t, problem.CodeShuttingDown, problemOf(t, refused).Code)
	assert.Equal(t, "1", refused.Header.Get("Retry-After"))
	assert.Equal(t, http.StatusOK, instance.Get(t, "/healthz").Status)
	assert.Contains(t, instance.Get(t, "/readyz").Body, "shutting down")
	assert.Equal(t, http.StatusOK, instance.Get(t, "/metrics").Status)

	release()
	assert.Equal(t, "done", (<-slow).Body, "the request in flight finishes")
	require.NoError(t, instance.Stop())
	assert.Equal(t, []string{"drain", "loop ends", "close second", "close first"}, happened.seen)
}

func TestDrainTimeout(t *testing.T) {
	var entered <-chan struct{}
	instance := run(t, map[string]string{"DRAIN_TIMEOUT": "100ms"}, func(rt *app.Runtime) {
		entered, _ = slowRoute(rt)
		rt.OnDrain("worker", func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
	})
	slow := make(chan testkit.Answer, 1)
	go func() { slow <- instance.Get(t, "/slow") }()
	<-entered
	err := instance.Stop()
	require.ErrorContains(t, err, "1 requests were still in flight after 100ms")
	require.ErrorContains(t, err, "drain worker: context deadline exceeded")
	assert.Equal(t, http.StatusGatewayTimeout, (<-slow).Status, "its context ended with the drain")
}

func TestPortInUse(t *testing.T) {
	var config net.ListenConfig
	other, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = other.Close() }()
	_, port, err := net.SplitHostPort(other.Addr().String())
	require.NoError(t, err)

	err = component(nothing).Run(t.Context(), map[string]string{"PORT": port})
	require.ErrorContains(t, err, "experience-api cannot listen on 127.0.0.1:"+port)
	assert.ErrorContains(t, err, "address already in use")
}

func TestFailedLoopStopsTheComponent(t *testing.T) {
	var happened events
	c := component(func(rt *app.Runtime) {
		rt.Go("sampler", func(context.Context) error { return errors.New("no more") })
		rt.Go("other", func(ctx context.Context) error {
			<-ctx.Done()
			happened.note("other loop ends")
			return nil
		})
		rt.OnClose("client", happened.noting("close"))
	})
	err := c.Run(t.Context(), map[string]string{"PORT": "0", "DRAIN_GRACE": "0s"})
	require.EqualError(t, err, "sampler: no more")
	assert.Equal(t, []string{"other loop ends", "close"}, happened.seen)
}

func TestFinishedLoop(t *testing.T) {
	instance := run(t, nil, func(rt *app.Runtime) { rt.Go("once", func(context.Context) error { return nil }) })
	assert.Equal(t, http.StatusOK, instance.Get(t, "/hello").Status)
}

func TestFailedBuildClosesClients(t *testing.T) {
	var happened events
	c := app.Define(app.Info{Name: "price-service"}, func(_ context.Context, rt *app.Runtime, _ settings.None) error {
		rt.OnClose("client", happened.noting("close"))
		return errors.New("no catalog")
	})
	err := c.Run(t.Context(), map[string]string{"PORT": "0"})
	require.EqualError(t, err, "build price-service: no catalog")
	assert.Equal(t, []string{"close"}, happened.seen)
}

func TestFailedClose(t *testing.T) {
	var happened events
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.OnClose("first", happened.noting("close"))
		rt.OnClose("second", func(context.Context) error { return errors.New("broken pipe") })
	})
	require.EqualError(t, instance.Stop(), "close second: broken pipe")
	assert.Equal(t, []string{"close"}, happened.seen)
}

// own is the settings of a test component.
type own struct {
	Threshold int
	Rate      float64
}

// Declare implements settings.Declarer.
func (c *own) Declare(s *settings.Set) {
	s.Int(&c.Threshold, "THRESHOLD", 10).Between(1, 20).Help("jobs")
	s.Float(&c.Rate, "RATE", 0).Between(0, 1).Help("share that fails")
}

func TestInvalidSettings(t *testing.T) {
	c := app.Define(app.Info{Name: "experience-api", Port: 3000}, func(context.Context, *app.Runtime, own) error { return nil })
	environ := map[string]string{
		"PORT": "70000", "HOST": "no host", "LOG_LEVEL": "loud", "DRAIN_TIMEOUT": "soon", "OTEL_TRACES_SAMPLER_ARG": "NaN",
		"PYROSCOPE_URL": "ftp://x", "THRESHOLD": "0",
	}
	for name, err := range map[string]error{"Run": c.Run(t.Context(), environ), "Check": c.Check(environ)} {
		for setting, value := range environ {
			require.ErrorContains(t, err, setting+`: got "`+value+`", want `, name)
		}
		assert.Len(t, strings.Split(strings.TrimPrefix(err.Error(), "settings of experience-api:\n"), "\n"), len(environ), name)
	}
}

func TestEmptySettingsAreUnset(t *testing.T) {
	assert.NoError(t, component(nothing).Check(map[string]string{"LOG_LEVEL": "", "DRAIN_TIMEOUT": ""}))
}

func TestSettings(t *testing.T) {
	c := app.Define(app.Info{Name: "rating-service-a", Port: 3004, Defaults: map[string]string{"RATE": "0.02"}},
		func(context.Context, *app.Runtime, own) error { return nil })
	defaults, helped := map[string]string{}, 0
	for _, s := range c.Settings() {
		defaults[s.Name] = s.Default
		assert.NotEmpty(t, s.Want, s.Name)
		if s.Help != "" {
			helped++
		}
	}
	assert.Equal(t, "3004", defaults["PORT"])
	assert.Equal(t, "rating-service-a", defaults["INSTANCE_ID"])
	assert.Equal(t, "127.0.0.1", defaults["HOST"])
	assert.Equal(t, "10s", defaults["DRAIN_TIMEOUT"])
	assert.Equal(t, "0.02", defaults["RATE"])
	assert.Equal(t, len(defaults), helped, "every setting has a help text")
}
