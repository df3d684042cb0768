package test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// TestAFaultBecomesAPage follows an alert under detail traffic: retries hide a low failure rate of deal-service; a high one fires the
// lab-time page of the availability objective, through Prometheus and Alertmanager to its receiver; when the fault ends, the page is
// resolved.
func TestAFaultBecomesAPage(t *testing.T) {
	t.Parallel()
	alertmanager := testkit.Alertmanager(t)
	platform := serving(t, "DEAL_CACHE_TTL=10ms", "DEAL_CACHE_MAX_AGE=20ms") // base data that is cached hides the fault
	prometheus := testkit.Prometheus(t, map[string]string{
		"experience-api": platform.URL(t, "experience-api"), "deal-service": platform.URL(t, "deal-service"), "alertmanager": alertmanager.URL,
	})
	readDetails(t, platform.URL(t, "experience-api"))

	setFault(t, platform, "deal-service", map[string]any{"failureRate": 0.05})
	require.Eventually(t, func() bool {
		return seen(t, prometheus, `experience_upstream_retries_total{service="deal-service"} > 5`)
	},
		time.Minute, 250*time.Millisecond, "retries")
	require.False(t, seen(t, prometheus, `sum(increase(experience_http_request_errors_total[1m])) / sum(increase(experience_http_request_duration_seconds_count[1m])) > 0.05`),
		"retries should hide most of a small fault")
	require.Empty(t, pages(alertmanager, "firing"))

	setFault(t, platform, "deal-service", map[string]any{"failureRate": 0.6})
	start := time.Now()
	require.Eventually(t, func() bool { return len(pages(alertmanager, "firing")) > 0 }, 3*time.Minute, 250*time.Millisecond, "the page")
	t.Logf("the page reached its receiver %s after the fault", time.Since(start).Round(time.Second))
	page := pages(alertmanager, "firing")[0]
	assert.NotEmpty(t, page.Annotations["summary"])
	assert.NotEmpty(t, page.Annotations["description"])
	assert.NotEmpty(t, page.Annotations["runbook_url"])
	assert.Contains(t, page.GeneratorURL, prometheus.URL+"/graph?g0.expr=", "TestPrometheusHasItsPage asks for it")
	assert.Equal(t, alertmanager.URL, alertmanager.Notifications()[0].ExternalURL)
	assert.Equal(t, http.StatusOK, get(t, alertmanager.URL).status)

	setFault(t, platform, "deal-service", map[string]any{"failureRate": 0})
	start = time.Now()
	require.Eventually(t, func() bool { return len(pages(alertmanager, "resolved")) > 0 }, 4*time.Minute, 250*time.Millisecond, "the end of the page")
	t.Logf("its end reached it %s after the fault's", time.Since(start).Round(time.Second))
}

// pages returns the received page alerts with that status for the lab-time availability objective.
func pages(alertmanager *testkit.AlertmanagerServer, status string) []testkit.Alert {
	return slices.DeleteFunc(alertmanager.Received(), func(a testkit.Alert) bool {
		return a.Status != status || a.Labels["severity"] != "page" || a.Labels["sloth_id"] != "deals-lab-time-availability"
	})
}

func seen(t *testing.T, prometheus *testkit.PrometheusServer, query string) bool {
	t.Helper()
	found, err := prometheus.Query(t.Context(), query)
	require.NoError(t, err)
	return len(found) > 0
}

// readDetails starts clients that read details until the test ends.
func readDetails(t *testing.T, api string) {
	t.Helper()
	const clients = 4
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	for first := range clients {
		reading.Go(func() {
			c, pace := client(), time.NewTicker(50*time.Millisecond)
			defer pace.Stop()
			for n := first; ctx.Err() == nil; n += clients {
				_, _ = call(ctx, c, http.MethodGet, fmt.Sprintf("%s/api/deals/d-%05d", api, n%200+1), nil) // failures are what it is about
				select {
				case <-pace.C:
				case <-ctx.Done():
				}
			}
		})
	}
	t.Cleanup(func() {
		stop()
		reading.Wait()
	})
}
