package slodashboard_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestObjectives evaluates the real rules while 5 % of all requests fail and 10 % of the lists are slow.
func TestObjectives(t *testing.T) {
	r := traffic()
	// An alert needs rules that have been evaluated for half of its long window, so past evaluations are recorded.
	r.gauge("slo:objective:ratio", 0.99, "sloth_id", "deals-lab-time-availability", "sloth_service", "deals-lab-time", "sloth_slo", "availability")
	objective := &r.series[len(r.series)-1]
	objective.Samples = objective.Samples[:len(objective.Samples)-int(recordedAfter/recordedEvery)]
	r.gauge("ALERTS", 1, "alertstate", "firing", "severity", "page", "sloth_service", "deals-lab-time", "sloth_slo", "latency")
	prometheus := r.play(t)
	dashboard := run(t, prometheus.URL, nil)
	var slo object
	var lab any
	require.Eventually(t, func() bool {
		slo = get(t, dashboard, "/api/slo")
		lab = slo.at(t, "sets", "deals-lab-time", "objectives", "availability")
		return next(lab, "deliveredPct") != nil && next(slo.at(t, "alerts", "AvailabilityBudgetBurn"), "state") == "firing"
	}, 30*time.Second, 100*time.Millisecond)
	assert.InDelta(t, 3600, slo.at(t, "sets", "deals-lab-time", "periodSec"), 0)
	near(t, 99, next(lab, "objectivePct"), "objective")
	near(t, 95, next(lab, "deliveredPct"), "delivered")
	bad, _ := next(lab, "badEvents").(float64)
	total, _ := next(lab, "totalEvents").(float64)
	near(t, 5, 100*bad/total, "bad of total")
	assert.Equal(t, "events", next(lab, "eventUnit"))
	near(t, 5, next(lab, "burnRate"), "5 % errors with a budget of 1 %")
	near(t, -400, next(lab, "budgetLeftPct"), "the budget used five times")
	assert.Equal(t, "bad", next(lab, "severity"))
	burns, _ := next(lab, "burnRates").([]any)
	previous := 0.0
	for _, burn := range burns {
		near(t, 5, next(burn, "rate"), "in every window")
		assert.Greater(t, next(burn, "windowSec"), previous, "shortest first")
		previous, _ = next(burn, "windowSec").(float64)
	}
	assert.GreaterOrEqual(t, len(burns), 8)

	// The burn rate 5 is over the 3 of a ticket and under the 6 of a page.
	firing := slo.at(t, "alerts", "AvailabilityBudgetBurn")
	assert.Equal(t, "firing", next(firing, "state"))
	assert.Equal(t, "ticket", next(firing, "severity"))
	assert.Equal(t, "availability", next(firing, "objective"))
	assert.NotEmpty(t, next(firing, "summary"))

	// An alert that is for Alertmanager only is not listed.
	require.Eventually(t, func() bool {
		found, err := prometheus.Query(t.Context(), `ALERTS{alertname="PagedRecently", alertstate="firing"}`)
		return err == nil && len(found) == 1
	}, 30*time.Second, 100*time.Millisecond)
	fires := time.Now()
	require.Eventually(t, func() bool {
		slo = get(t, dashboard, "/api/slo")
		at, err := time.Parse(time.RFC3339, fmt.Sprint(slo["at"]))
		return err == nil && at.After(fires.Add(time.Second)) // answers are kept for a second
	}, 30*time.Second, 100*time.Millisecond)
	assert.Nil(t, slo.at(t, "alerts", "PagedRecently"))
}
