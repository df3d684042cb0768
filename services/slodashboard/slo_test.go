package slodashboard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
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

// TestWhatIf tries targets on lists of which nine in ten take up to 250 ms, and one up to 500 ms.
func TestWhatIf(t *testing.T) {
	dashboard := run(t, traffic().play(t).URL, nil)
	const path = "/api/slo/what-if?objective=deals-lab-time-latency&targetMs="
	require.Eventually(t, func() bool {
		answer := dashboard.Get(t, path+"250")
		return answer.Status == http.StatusOK && strings.Contains(answer.Body, `"deliveredPct":9`)
	}, 30*time.Second, 100*time.Millisecond)
	const jobs = "/api/slo/what-if?objective=deals-lab-time-job-freshness&targetMs=20000"
	dashboard.Await(t, jobs, func(a testkit.Answer) bool { return a.Status == http.StatusOK })
	lab := get(t, dashboard, "/api/slo").at(t, "sets", "deals-lab-time", "objectives")
	near(t, 300, next(next(lab, "latency"), "targetMs"), "its own target")
	near(t, 20_000, next(next(lab, "job-freshness"), "targetMs"), "its own target")
	assert.Nil(t, next(next(lab, "availability"), "targetMs"))

	for target, good := range map[string]float64{"125": 0, "250": 90, "500": 100, "600000": 100} {
		answer := get(t, dashboard, path+target)
		near(t, good, answer["deliveredPct"], target)
		burn := (100 - good) / 5
		near(t, burn, answer["burnRate"], target)
		near(t, 100*(1-burn), answer["budgetLeftPct"], target)
		near(t, 95, answer["objectivePct"], target)
		near(t, 3600, answer["periodSec"], target)
		bad, _ := answer["badEvents"].(float64)
		total, _ := answer["totalEvents"].(float64)
		assert.Positive(t, total)
		near(t, 100-good, 100*bad/total, target)
	}
	none := get(t, dashboard, jobs)
	for _, field := range []string{"deliveredPct", "badEvents", "totalEvents", "burnRate", "budgetLeftPct"} {
		assert.Nil(t, none[field], "no job: %s", field)
	}
	for _, unknown := range []string{"deals-lab-time-availability", "x", `x"}) or vector(1)`} {
		answer := dashboard.Get(t, "/api/slo/what-if?targetMs=1&objective="+url.QueryEscape(unknown))
		assert.Equal(t, http.StatusNotFound, answer.Status, unknown)
	}
}

func TestWhatIfIsBounded(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	for query, fault := range map[string]string{
		"targetMs=200":                            "objective: got",
		"objective=deals-latency":                 "targetMs: got",
		"objective=deals-latency&targetMs=x":      "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=0.9":    "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=-1":     "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=6e5000": "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=600001": "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=NaN":    "milliseconds from 1 to 600000",
		"objective=deals-latency&targetMs=Inf":    "milliseconds from 1 to 600000",
	} {
		answer := dashboard.Get(t, "/api/slo/what-if?"+query)
		assert.Equal(t, http.StatusBadRequest, answer.Status, query)
		assert.Contains(t, answer.Body, fault, query)
	}
}
