package slo_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/testkit"
)

const incidents = "testdata/incidents.yaml"

// speed is by how much the incidents run faster. Alertmanager's times are shortened alike. At 30 the shortest, the wait of 15 s before a
// page, is half a second.
const speed = 30

// TestIncidentsNotifyOnce sends the alerts of five faults to a real Alertmanager with the configuration of this repository, and looks at each
// notification that it sends. The alerts come from the real rules: promtool checks in testdata/incidents.yaml from when to when each fires.
func TestIncidentsNotifyOnce(t *testing.T) {
	t.Parallel()
	wanted := map[string]struct{ pages, tickets []string }{
		"price-service accepts requests and never answers, for 5 minutes": {
			tickets: []string{"firing BreakerOpen"},
		},
		"deal-service fails at 70 % for 7 minutes, after half an hour": {
			pages:   []string{"firing AvailabilityBudgetBurn", "resolved AvailabilityBudgetBurn LatencyBudgetBurn"},
			tickets: []string{"firing DLQGrowing JobFreshnessBudgetBurn"}, // dead jobs need a replay
		},
		"Redis is stopped for 5 minutes": {
			pages: []string{"firing AvailabilityBudgetBurn", "resolved AvailabilityBudgetBurn"},
		},
		"enrichment-worker is stopped for 5 minutes while jobs wait": {
			tickets: []string{
				"firing QueueDepthBudgetBurn TargetDown", "firing JobFreshnessBudgetBurn QueueDepthBudgetBurn",
			},
		},
		"the API is overloaded for 3 minutes": {
			pages: []string{"firing AvailabilityBudgetBurn", "resolved AvailabilityBudgetBurn LatencyBudgetBurn"},
		},
	}
	all := readIncidents(t)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(wanted)), slices.Collect(maps.Keys(all)))
	for name, incident := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order, sent := incident.replay(t)
			assert.Equal(t, wanted[name].pages, sent["pager"], "pages")
			assert.Equal(t, wanted[name].tickets, sent["tickets"], "tickets")
			assert.IsNonDecreasing(t, order, "tickets are held back until the end of the page, and nobody else is notified")
		})
	}
}

// TestWhatIsNotHeldBack sends alerts that must be sent although others fire.
func TestWhatIsNotHeldBack(t *testing.T) {
	t.Parallel()
	page := func(service, slo string) map[string]string {
		return map[string]string{"alertname": slo, "severity": "page", "sloth_service": service, "sloth_slo": slo}
	}
	paged := map[string]string{"alertname": "PagedRecently", "severity": "none", "sloth_slo": "availability"}
	failing := map[string]string{"alertname": "PrometheusRuleFailures", "severity": "ticket"}
	tests := map[string]struct {
		fire []map[string]string
		want map[string][]string
	}{
		"the 30 days, for an objective for which lab-time has not paged": {
			[]map[string]string{paged, page("deals", "latency")}, map[string][]string{"pager": {"firing latency"}},
		},
		"monitoring that fails during a page": {
			[]map[string]string{page("deals-lab-time", "availability"), failing},
			map[string][]string{"pager": {"firing availability"}, "tickets": {"firing PrometheusRuleFailures"}},
		},
		"dead purchases, while requests fail": {
			[]map[string]string{page("deals-lab-time", "availability"), page("deals-lab-time", "purchase-completion")},
			map[string][]string{"pager": {"firing availability purchase-completion"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, sent := incident{0: {started: test.fire}}.replay(t)
			assert.Equal(t, test.want, sent)
		})
	}
}

func TestPromtoolAgreesWithTheIncidents(t *testing.T) {
	t.Parallel()
	runPromtool(t, "test", "rules", incidents)
}

// summary returns the status of a notification, and the names of its firing alerts, or of all if none fires.
func summary(notification testkit.Notification) string {
	names := map[string]bool{}
	for _, alert := range notification.Alerts {
		if alert.Status == notification.Status {
			names[alert.Labels["alertname"]] = true
		}
	}
	return notification.Status + " " + strings.Join(slices.Sorted(maps.Keys(names)), " ")
}

// incident holds the alerts that start and end at each second.
type incident map[int]*changes

type changes struct{ started, ended []map[string]string }

func (i incident) at(second int) *changes {
	if i[second] == nil {
		i[second] = &changes{}
	}
	return i[second]
}

// replay sends the alerts at their times to an Alertmanager, and waits until it has had the time to send all of its notifications. It returns
// their receivers in order, and their summaries by receiver.
func (i incident) replay(t *testing.T) (order []string, sent map[string][]string) {
	t.Helper()
	alertmanager := testkit.FastAlertmanager(t, speed)
	const lastFlush = 6 * 60 // longer than any group_interval
	seconds := slices.Sorted(maps.Keys(i))
	start := time.Now()
	until := func(second int) {
		const scaled = time.Second / speed
		ctx, cancel := context.WithDeadline(t.Context(), start.Add(time.Duration(second-seconds[0])*scaled))
		defer cancel()
		<-ctx.Done()
	}
	for _, second := range seconds {
		until(second)
		if ended := i[second].ended; len(ended) > 0 {
			alertmanager.Send(t, ended, false)
		}
		if started := i[second].started; len(started) > 0 {
			alertmanager.Send(t, started, true)
		}
	}
	until(seconds[len(seconds)-1] + lastFlush)
	sent = map[string][]string{}
	for _, notification := range alertmanager.Notifications() {
		order = append(order, notification.Receiver)
		sent[notification.Receiver] = append(sent[notification.Receiver], summary(notification))
	}
	return order, sent
}

// readIncidents returns the incidents by name. An alert that fires at the end of its test does not end.
func readIncidents(t *testing.T) map[string]incident {
	t.Helper()
	type sample struct {
		Labels string
		Value  int
	}
	var file struct {
		Tests []struct {
			Name  string
			Evals []struct {
				At      string   `yaml:"eval_time"`
				Samples []sample `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	require.NoError(t, yaml.Unmarshal(read(t, incidents), &file))
	all := map[string]incident{}
	for _, test := range file.Tests {
		require.Len(t, test.Evals, 3, test.Name)
		end, err := time.ParseDuration(test.Evals[1].At)
		require.NoError(t, err)
		one := incident{}
		for _, starts := range test.Evals[0].Samples {
			change := one.at(starts.Value)
			change.started = append(change.started, alertLabels(starts.Labels))
		}
		for _, ends := range test.Evals[1].Samples {
			if ends.Value < int(end.Seconds()) {
				change := one.at(ends.Value)
				change.ended = append(change.ended, alertLabels(ends.Labels))
			}
		}
		all[test.Name] = one
	}
	return all
}

// alertLabels returns the labels of an alert whose series in ALERTS has these labels.
func alertLabels(series string) map[string]string {
	labels := map[string]string{}
	for _, match := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(series, -1) {
		if match[1] != "alertstate" {
			labels[match[1]] = match[2]
		}
	}
	return labels
}
