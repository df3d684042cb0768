package fault_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/fault"
)

func configured() fault.Config {
	return fault.Config{LatencyMin: 40 * time.Millisecond, LatencyMax: 320 * time.Millisecond, FailureRate: 0.02, SlowFactor: 10}
}

// asConfigured is the response for configured.
func asConfigured() map[string]any {
	return map[string]any{"latencyMinMs": 40.0, "latencyMaxMs": 320.0, "slowRate": 0.0, "slowFactor": 10.0, "failureRate": 0.02, "blackhole": false, "forSeconds": 0.0}
}

func TestAdminRejectsInvalidValues(t *testing.T) {
	s := newService(t, configured())
	tests := map[string]struct {
		body, contentType string
		status            int
		says              string
	}{
		"latencyMinMs over latencyMaxMs":  {`{"latencyMinMs":321}`, "", 400, "at most latencyMaxMs"},
		"latencyMaxMs under latencyMinMs": {`{"latencyMaxMs":39}`, "", 400, "latencyMinMs"},
		"both, in the wrong order":        {`{"latencyMinMs":2,"latencyMaxMs":1}`, "", 400, "latencyMinMs"},
		"one good, one bad":               {`{"failureRate":0.5,"latencyMaxMs":-1}`, "", 400, "latencyMaxMs"},
		"blackhole text":                  {`{"blackhole":"yes"}`, "", 400, "blackhole"},
		"blackhole number":                {`{"blackhole":1}`, "", 400, "true or false"},
		"unknown field":                   {`{"latency":1}`, "", 400, "latency"},
		"no JSON":                         {`blackhole=true`, "", 400, "byte 1"},
		"form":                            {`blackhole=true`, "application/x-www-form-urlencoded", 415, "application/json"},
	}
	for field, bounds := range map[string]string{
		"latencyMinMs": "0 to 30000", "latencyMaxMs": "0 to 30000", "failureRate": "0 to 1", "forSeconds": "0 to 86400",
	} {
		for kind, value := range map[string]string{
			"negative": "-0.0001", "huge": "1e300", "text": `"1"`,
		} {
			tests[field+" "+kind] = struct {
				body, contentType string
				status            int
				says              string
			}{fmt.Sprintf(`{%q:%s}`, field, value), "", 400, bounds}
		}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			contentType := "application/json"
			if tc.contentType != "" {
				contentType = tc.contentType
			}
			answer := s.send(t.Context(), http.MethodPut, "/admin/fault", contentType, tc.body)
			assert.Equal(t, tc.status, answer.Code)
			assert.Contains(t, answer.Body.String(), tc.says)
			assert.Empty(t, answer.Header().Get("Set-Cookie"))
			assert.Equal(t, asConfigured(), s.settings(t))
		})
	}
	require.NoError(t, testutil.GatherAndCompare(s.registry, strings.NewReader(`
# HELP domain_fault_changes_total Changes of the fault settings at run time.
# TYPE domain_fault_changes_total counter
domain_fault_changes_total{service="price-service"} 0
`), "domain_fault_changes_total"))
}

func TestAdminAcceptsAnySubset(t *testing.T) {
	tests := map[string]struct {
		body    string
		changed map[string]any
	}{
		"nothing":          {`{}`, nil},
		"all null":         {`{"latencyMinMs":null,"latencyMaxMs":null,"failureRate":null,"blackhole":null,"forSeconds":null}`, nil},
		"one":              {`{"failureRate":0.5}`, map[string]any{"failureRate": 0.5}},
		"slow ones":        {`{"slowRate":0.05,"slowFactor":20}`, map[string]any{"slowRate": 0.05, "slowFactor": 20.0}},
		"zero is a value":  {`{"latencyMinMs":0,"failureRate":0}`, map[string]any{"latencyMinMs": 0.0, "failureRate": 0.0}},
		"false is a value": {`{"blackhole":false}`, nil},
		"both latencies":   {`{"latencyMinMs":500,"latencyMaxMs":900.5}`, map[string]any{"latencyMinMs": 500.0, "latencyMaxMs": 900.5}},
		"equal latencies":  {`{"latencyMinMs":320}`, map[string]any{"latencyMinMs": 320.0}},
		"bounds":           {`{"latencyMaxMs":30000,"failureRate":1}`, map[string]any{"latencyMaxMs": 30000.0, "failureRate": 1.0}},
		"no end":           {`{"forSeconds":0}`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, configured())
			want := asConfigured()
			maps.Copy(want, tc.changed)
			s.change(t, tc.body)
			assert.Equal(t, want, s.settings(t))
		})
	}
}

func TestChangesAccumulate(t *testing.T) {
	s := newService(t, configured())
	s.change(t, `{"failureRate":0.5}`)
	s.change(t, `{"latencyMinMs":50}`)
	s.change(t, `{"latencyMaxMs":60}`)
	assert.Equal(t, map[string]any{"latencyMinMs": 50.0, "latencyMaxMs": 60.0, "slowRate": 0.0, "slowFactor": 10.0, "failureRate": 0.5, "blackhole": false, "forSeconds": 0.0}, s.settings(t))
}

func TestConcurrentChangesAreAllApplied(t *testing.T) {
	for range 50 {
		s := newService(t, configured())
		var changing sync.WaitGroup
		for _, body := range []string{`{"failureRate":0.5}`, `{"latencyMinMs":50}`, `{"latencyMaxMs":60}`} {
			changing.Go(func() {
				assert.Equal(t, http.StatusOK, s.send(t.Context(), http.MethodPut, "/admin/fault", "application/json", body).Code)
			})
		}
		changing.Wait()
		require.Equal(t, map[string]any{"latencyMinMs": 50.0, "latencyMaxMs": 60.0, "slowRate": 0.0, "slowFactor": 10.0, "failureRate": 0.5, "blackhole": false, "forSeconds": 0.0}, s.settings(t))
	}
}

func TestTemporaryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, configured())
		s.change(t, `{"blackhole":true,"failureRate":0,"forSeconds":60}`)
		statuses := blackholed(t.Context(), s, 2)
		pass(20*time.Second + time.Millisecond)
		assert.InDelta(t, 40, s.settings(t)["forSeconds"], 0, "rounded up")

		begin := time.Now()
		assert.NotContains(t, statuses(), 499, "waiting requests are answered when the time has passed")
		assert.InDelta(t, 40, time.Since(begin).Seconds(), 0.5)
		assert.Equal(t, asConfigured(), s.settings(t))
	})
}

func TestTemporaryChangeEndsWithoutRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, configured())
		s.change(t, `{"failureRate":1,"forSeconds":0.5}`)
		requireGauge(t, s, "domain_fault_failure_ratio", "Current share of requests that fail synthetically, 0 to 1.", "1")
		pass(500 * time.Millisecond)
		requireGauge(t, s, "domain_fault_failure_ratio", "Current share of requests that fail synthetically, 0 to 1.", "0.02")
	})
}

func TestNextChangeReplacesTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, configured())
		s.change(t, `{"failureRate":1,"forSeconds":60}`)
		s.change(t, `{"latencyMaxMs":400}`)
		pass(time.Hour)
		want := asConfigured()
		want["failureRate"], want["latencyMaxMs"] = 1.0, 400.0
		assert.Equal(t, want, s.settings(t))
	})
}

func TestShortestChangeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, configured())
		s.change(t, `{"failureRate":1,"forSeconds":1e-12}`)
		pass(time.Nanosecond)
		assert.Equal(t, asConfigured(), s.settings(t))
	})
}

func TestMetricsShowSettings(t *testing.T) {
	s := newService(t, configured())
	requireGauge(t, s, "domain_fault_blackhole", "1 if requests are accepted and never answered, else 0.", "0")
	s.change(t, `{"latencyMinMs":100,"latencyMaxMs":250,"blackhole":true}`)
	requireGauge(t, s, "domain_fault_latency_min_seconds", "Current minimum synthetic latency.", "0.1")
	requireGauge(t, s, "domain_fault_latency_max_seconds", "Current maximum synthetic latency.", "0.25")
	requireGauge(t, s, "domain_fault_blackhole", "1 if requests are accepted and never answered, else 0.", "1")
}

func requireGauge(t *testing.T, s service, name, help, value string) {
	t.Helper()
	require.NoError(t, testutil.GatherAndCompare(s.registry, strings.NewReader(fmt.Sprintf(
		"# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n%[1]s{service=\"price-service\"} %[3]s\n", name, help, value)), name))
}
