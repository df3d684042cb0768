package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
)

type readiness struct {
	Status       string
	Dependencies []struct {
		Name      string
		Critical  bool
		OK        bool
		LatencyMs float64
		Reason    string
	}
	Meta struct{ RequestID string }
}

func readinessOf(t *testing.T, answer testkit.Answer) readiness {
	t.Helper()
	var body readiness
	require.NoError(t, json.Unmarshal([]byte(answer.Body), &body), answer.Body)
	return body
}

func good(context.Context) error { return nil }

func bad(context.Context) error { return errors.New("connection refused") }

func TestReadiness(t *testing.T) {
	type check struct {
		critical bool
		probe    func(context.Context) error
	}
	tests := map[string]struct {
		checks map[string]check
		status int
		want   string
	}{
		"no dependencies":       {nil, http.StatusOK, "ready"},
		"all ok":                {map[string]check{"redis": {true, good}, "price": {false, good}}, http.StatusOK, "ready"},
		"optional fails":        {map[string]check{"redis": {true, good}, "price": {false, bad}}, http.StatusOK, "degraded"},
		"all optional fail":     {map[string]check{"rating": {false, bad}, "price": {false, bad}}, http.StatusOK, "degraded"},
		"critical fails":        {map[string]check{"redis": {true, bad}, "price": {false, good}}, http.StatusServiceUnavailable, "not-ready"},
		"both kinds fail":       {map[string]check{"redis": {true, bad}, "price": {false, bad}}, http.StatusServiceUnavailable, "not-ready"},
		"several critical fail": {map[string]check{"redis": {true, bad}, "deals": {true, bad}}, http.StatusServiceUnavailable, "not-ready"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			instance := run(t, nil, func(rt *app.Runtime) {
				for name, c := range tc.checks {
					rt.Check(name, c.critical, c.probe)
				}
			})
			answer := instance.Get(t, "/readyz")
			body := readinessOf(t, answer)
			assert.Equal(t, tc.status, answer.Status)
			assert.Equal(t, tc.want, body.Status)
			assert.Len(t, body.Dependencies, len(tc.checks))
			for _, d := range body.Dependencies {
				failed := tc.checks[d.Name].probe(t.Context()) != nil
				assert.Equal(t, tc.checks[d.Name].critical, d.Critical)
				assert.Equal(t, failed, !d.OK)
				assert.Equal(t, failed, d.Reason == "connection refused")
			}
		})
	}
}

func TestReadinessIsCached(t *testing.T) {
	var probes atomic.Int64
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.Check("redis", true, func(context.Context) error { probes.Add(1); return nil })
	})
	begin := time.Now()
	for range 50 {
		assert.Equal(t, http.StatusOK, instance.Get(t, "/readyz").Status)
	}
	most := 1 + int64(time.Since(begin)/(250*time.Millisecond))
	assert.LessOrEqual(t, probes.Load(), most)
	before := probes.Load()
	instance.Await(t, "/readyz", func(testkit.Answer) bool { return probes.Load() > before })
}

func TestProbesTimeOutConcurrently(t *testing.T) {
	hang := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	instance := run(t, nil, func(rt *app.Runtime) {
		for _, name := range []string{"redis", "deal-service", "price-service", "rating-lb"} {
			rt.Check(name, true, hang)
		}
	})
	begin := time.Now()
	body := readinessOf(t, instance.Get(t, "/readyz"))
	assert.Less(t, time.Since(begin), 3*time.Second, "the timeout of 1 s applies to all together")
	for _, d := range body.Dependencies {
		assert.False(t, d.OK)
		assert.Equal(t, "context deadline exceeded", d.Reason)
		assert.GreaterOrEqual(t, d.LatencyMs, 1000.0)
	}
}

// TestReadinessWhileProbesTakeLong: the second probe does not end before the test, and the answers have the results of the first.
func TestReadinessWhileProbesTakeLong(t *testing.T) {
	var probes atomic.Int64
	slow := make(chan struct{})
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.Check("redis", true, func(context.Context) error {
			if probes.Add(1) > 1 {
				<-slow
			}
			return nil
		})
	})
	instance.Await(t, "/readyz", func(answer testkit.Answer) bool {
		assert.Equal(t, "ready", readinessOf(t, answer).Status)
		return probes.Load() > 1
	})
	assert.Equal(t, "ready", readinessOf(t, instance.Get(t, "/readyz")).Status)
	close(slow)
}

func TestProbeOutlivesItsRequest(t *testing.T) {
	var canceled atomic.Bool
	entered := make(chan struct{}, 1)
	release := make(chan struct{})
	instance := run(t, nil, func(rt *app.Runtime) {
		rt.Check("redis", true, func(ctx context.Context) error {
			entered <- struct{}{}
			<-release
			canceled.Store(ctx.Err() != nil)
			return ctx.Err()
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := instance.Try(ctx, http.MethodGet, "/readyz", "", nil)
		gone <- err
	}()
	<-entered
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	close(release)
	assert.Equal(t, "ready", readinessOf(t, instance.Get(t, "/readyz")).Status)
	assert.False(t, canceled.Load())
}

func TestRedisIsACriticalDependency(t *testing.T) {
	server := testkit.Redis(t)
	c := app.Define(app.Info{Name: "experience-api"}, func(_ context.Context, rt *app.Runtime, cfg app.RedisConfig) error {
		_, err := rt.Redis(cfg)
		return err
	})
	instance := testkit.Run(t, c, map[string]string{"REDIS_URL": server.URL})
	body := readinessOf(t, instance.Get(t, "/readyz"))
	assert.Equal(t, "ready", body.Status)
	assert.Equal(t, "redis", body.Dependencies[0].Name)

	server.Kill(t)
	answer := instance.Await(t, "/readyz", unavailable)
	assert.NotEmpty(t, readinessOf(t, answer).Dependencies[0].Reason)
	assert.Less(t, readinessOf(t, answer).Dependencies[0].LatencyMs, 700.0, "a refused connection fails without a timeout")
	server.Restart(t)
	instance.Await(t, "/readyz", func(a testkit.Answer) bool { return a.Status == http.StatusOK })
}

func TestRedisUpAsksRedis(t *testing.T) {
	server := testkit.Redis(t)
	c := app.Define(app.Info{Name: "experience-api"}, func(_ context.Context, rt *app.Runtime, cfg app.RedisConfig) error {
		_, first := rt.QueueRedis(cfg)
		_, second := rt.QueueRedis(cfg)
		return errors.Join(first, second)
	})
	instance := testkit.Run(t, c, map[string]string{"REDIS_URL": server.URL})
	shows := func(line string) func(testkit.Answer) bool {
		return func(a testkit.Answer) bool { return strings.Contains(a.Body, "\n"+line+"\n") }
	}
	instance.Await(t, "/metrics", shows("redis_up 1"))
	server.Kill(t)
	instance.Await(t, "/metrics", shows("redis_up 0"))
}

func TestInvalidRedisURL(t *testing.T) {
	c := app.Define(app.Info{Name: "experience-api"}, func(_ context.Context, rt *app.Runtime, cfg app.RedisConfig) error {
		_, err := rt.QueueRedis(cfg)
		return err
	})
	for name, url := range map[string]string{
		"invalid database": "redis://127.0.0.1:6379/first",
		"wrong scheme":     "http://127.0.0.1:6379",
		"not a URL":        "127.0.0.1:6379",
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, c.Run(t.Context(), map[string]string{"PORT": "0", "REDIS_URL": url}), "REDIS_URL")
		})
	}
}
