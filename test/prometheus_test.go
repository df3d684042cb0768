package test

import (
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// TestPrometheusKilledHasRulesAndHistory kills Prometheus. After a restart its samples and rules are there, and the rules are evaluated.
func TestPrometheusKilledHasRulesAndHistory(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	prometheus := testkit.Prometheus(t, map[string]string{"experience-api": platform.URL(t, "experience-api")})
	const history = `count_over_time(slo:objective:ratio{sloth_slo="availability", sloth_service="deals-lab-time"}[10m]) > 1 and on () count_over_time(up{job="experience-api"}[10m]) > 2`
	require.Eventually(t, func() bool { return seen(t, prometheus, history) }, time.Minute, 250*time.Millisecond, "scrapes and evaluations")
	before, rules := time.Now(), ruleNames(t, prometheus)
	require.NotEmpty(t, rules)

	prometheus.Restart(t)

	assert.Equal(t, rules, ruleNames(t, prometheus))
	var answer struct{ Result []testkit.Sample }
	at := url.Values{"query": {history}, "time": {before.Format(time.RFC3339Nano)}}
	require.NoError(t, prometheus.Get(t.Context(), "query", at, &answer))
	assert.Len(t, answer.Result, 1, "what was there before")
	require.Eventually(t, func() bool {
		return seen(t, prometheus, `timestamp(slo:objective:ratio{sloth_slo="availability", sloth_service="deals-lab-time"}) > `+strconv.FormatInt(before.Unix(), 10))
	}, time.Minute, 250*time.Millisecond, "its rules are evaluated again")
}

// TestADeadTargetIsATicket kills a service and expects a ticket alert.
func TestADeadTargetIsATicket(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	prometheus := testkit.Prometheus(t, map[string]string{"price-service": platform.URL(t, "price-service")})
	require.Eventually(t, func() bool { return seen(t, prometheus, `up{job="price-service"} == 1`) }, time.Minute, 100*time.Millisecond)

	platform.Process("price-service").Kill(t)
	died := time.Now()
	require.Eventually(t, func() bool {
		return seen(t, prometheus, `ALERTS{alertname="TargetDown", alertstate="firing", job="price-service"}`)
	}, time.Minute, 100*time.Millisecond)
	t.Logf("the alert fires %s after the death; two scrapes and its `for` are 14 s", time.Since(died).Round(100*time.Millisecond))
}

// TestPrometheusHasItsPage asks for what the links of the dashboard and of alerts lead to.
func TestPrometheusHasItsPage(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("no npm on PATH: Prometheus is built without its page")
	}
	prometheus := testkit.Prometheus(t, nil)
	for _, path := range []string{"/query?g0.expr=up", "/alerts", "/graph?g0.expr=up"} {
		got, err := call(t.Context(), client(), http.MethodGet, prometheus.URL+path, nil)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, got.status, path)
		assert.Contains(t, string(got.body), "<script", path)
	}
}

func ruleNames(t *testing.T, prometheus *testkit.PrometheusServer) (names []string) {
	t.Helper()
	var answer struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name string }
		}
	}
	require.NoError(t, prometheus.Get(t.Context(), "rules", nil, &answer))
	for _, group := range answer.Groups {
		for _, rule := range group.Rules {
			names = append(names, group.Name+"/"+rule.Name)
		}
	}
	return names
}
