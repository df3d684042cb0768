package view

import (
	"cmp"
	"context"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

const day = 24 * time.Hour

// SLO returns the objectives and the alerts, as Prometheus evaluates them.
func (v *Views) SLO(ctx context.Context) (api.SLO, error) {
	snapshot, err := v.prom.Now(ctx,
		prom.Objectives, prom.Target, prom.PeriodDays, prom.PeriodBurn, prom.PeriodBad, prom.PeriodTotal, prom.BudgetLeft, prom.CurrentBurn, prom.BurnByWindow)
	if err != nil {
		return api.SLO{}, err
	}
	alerts, err := v.prom.Alerts(ctx)
	if err != nil {
		return api.SLO{}, err
	}
	return api.SLO{At: snapshot.At, Sets: objectiveSets(snapshot), Alerts: describeAlerts(alerts, snapshot.At)}, nil
}

// objectiveSets returns the objectives by set of windows, longest period first.
func objectiveSets(snapshot prom.Snapshot) []api.ObjectiveSet {
	byID := map[string]*api.ObjectiveSet{}
	for _, sample := range snapshot.All(prom.Objectives) {
		id := string(sample.Metric["sloth_service"])
		set, known := byID[id]
		if !known {
			set = describeSet(id, snapshot.Value(prom.PeriodDays, "sloth_service", id))
			byID[id] = set
		}
		set.Objectives = append(set.Objectives, describeObjective(sample, snapshot))
	}
	sets := make([]api.ObjectiveSet, 0, len(byID))
	for _, set := range byID {
		slices.SortFunc(set.Objectives, func(a, b api.Objective) int { return strings.Compare(a.Name, b.Name) })
		sets = append(sets, *set)
	}
	slices.SortFunc(sets, func(a, b api.ObjectiveSet) int { return cmp.Compare(b.PeriodSec, a.PeriodSec) })
	return sets
}

func describeSet(id string, days *float64) *api.ObjectiveSet {
	set := &api.ObjectiveSet{ID: id, Label: id}
	if days == nil {
		return set
	}
	set.PeriodSec = math.Round(*days * day.Seconds())
	if period := time.Duration(set.PeriodSec) * time.Second; period < day {
		set.Label = "lab time (" + model.Duration(period).String() + ")"
	} else {
		set.Label = model.Duration(period).String()
	}
	return set
}

func describeObjective(sample *model.Sample, snapshot prom.Snapshot) api.Objective {
	id := string(sample.Metric["sloth_id"])
	objective := api.Objective{
		ID: id, Name: string(sample.Metric["sloth_slo"]), ObjectivePct: float64(sample.Value) * percent, BurnRates: burnRates(snapshot, id),
	}
	objective.EventUnit = eventUnit(snapshot, id)
	objective.Severity = severity(kindObjective, objectiveMeasures(id).fill(&objective, snapshot))
	return objective
}

func eventUnit(snapshot prom.Snapshot, id string) string {
	for _, total := range snapshot.All(prom.PeriodTotal) {
		if string(total.Metric["sloth_id"]) == id {
			return string(total.Metric["unit"])
		}
	}
	return ""
}

func objectiveMeasures(id string) measures[api.Objective] {
	const label = "sloth_id"
	return measures[api.Objective]{
		number(func(o *api.Objective) **float64 { return &o.TargetMs }, prom.Target, millis, label, id),
		other(func(o *api.Objective, bad float64) { o.DeliveredPct = new(percent - bad) }, prom.PeriodBurn, percent, label, id),
		number(func(o *api.Objective) **float64 { return &o.BadEvents }, prom.PeriodBad, asIs, label, id),
		number(func(o *api.Objective) **float64 { return &o.TotalEvents }, prom.PeriodTotal, asIs, label, id),
		number(func(o *api.Objective) **float64 { return &o.BudgetLeftPct }, prom.BudgetLeft, percent, label, id),
		number(func(o *api.Objective) **float64 { return &o.BurnRate }, prom.CurrentBurn, asIs, label, id),
	}
}

func burnRates(snapshot prom.Snapshot, id string) []api.Burn {
	rates := []api.Burn{}
	for _, sample := range snapshot.All(prom.BurnByWindow) {
		window := string(sample.Metric["sloth_window"])
		span, err := model.ParseDuration(window)
		rate := snapshot.Value(prom.BurnByWindow, "sloth_id", id, "sloth_window", window)
		if string(sample.Metric["sloth_id"]) != id || err != nil || rate == nil {
			continue
		}
		rates = append(rates, api.Burn{Window: window, WindowSec: time.Duration(span).Seconds(), Rate: *rate})
	}
	slices.SortFunc(rates, func(a, b api.Burn) int { return cmp.Compare(a.WindowSec, b.WindowSec) })
	return rates
}

// describeAlerts returns firing alerts before pending ones, oldest first. Alerts of severity none are for Alertmanager only.
func describeAlerts(alerts []v1.Alert, now time.Time) []api.Alert {
	described := make([]api.Alert, 0, len(alerts))
	for _, alert := range alerts {
		if alert.Labels["severity"] == "none" {
			continue
		}
		described = append(described, api.Alert{
			Name: string(alert.Labels["alertname"]), State: string(alert.State), Severity: string(alert.Labels["severity"]),
			Set: string(alert.Labels["sloth_service"]), Objective: string(alert.Labels["sloth_slo"]), Component: string(alert.Labels["job"]),
			Since: alert.ActiveAt, AgeSec: max(0, now.Sub(alert.ActiveAt).Seconds()),
			Summary: string(alert.Annotations["summary"]), Description: string(alert.Annotations["description"]),
			Runbook: runbookPage(string(alert.Annotations["runbook_url"])),
		})
	}
	slices.SortFunc(described, func(a, b api.Alert) int {
		return cmp.Or(strings.Compare(a.State, b.State), a.Since.Compare(b.Since), strings.Compare(a.Name, b.Name))
	})
	return described
}

// runbookPage returns the path of a runbook's page here, whatever host its URL names, "" for none.
func runbookPage(url string) string {
	if url == "" {
		return ""
	}
	return "/runbooks/" + path.Base(url)
}
