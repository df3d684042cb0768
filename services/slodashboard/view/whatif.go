package view

import (
	"context"
	"fmt"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// NoLatencyObjective is returned for an id that is not that of a latency objective, or that Prometheus has not evaluated yet.
type NoLatencyObjective struct {
	ID string
}

// Error implements error.
func (n NoLatencyObjective) Error() string { return fmt.Sprintf("no latency objective %q", n.ID) }

// WhatIf returns what another target would make of a latency objective. It returns a NoLatencyObjective for an unknown id.
func (v *Views) WhatIf(ctx context.Context, id string, target time.Duration) (api.WhatIf, error) {
	slo, err := v.prom.Now(ctx, prom.Objectives, prom.Target, prom.PeriodDays)
	if err != nil {
		return api.WhatIf{}, err
	}
	set, objective := findObjective(slo, id)
	if objective.TargetMs == nil || set.PeriodSec == 0 {
		return api.WhatIf{}, NoLatencyObjective{id}
	}
	period := time.Duration(set.PeriodSec) * time.Second
	events, within := prom.EventsOf(id, period), prom.WithinOf(id, period, target.Seconds())
	// Of the time of the objective, so that the answers for one target are shared.
	durations, err := v.prom.At(ctx, slo.At, events, within)
	if err != nil {
		return api.WhatIf{}, err
	}
	answer := api.WhatIf{
		At: slo.At, Objective: id, TargetMs: float64(target) / float64(time.Millisecond), ObjectivePct: objective.ObjectivePct, PeriodSec: set.PeriodSec,
	}
	total, good := durations.Value(events), durations.Value(within)
	if total == nil || good == nil || *total == 0 {
		return answer, nil
	}
	bad := 1 - *good
	burn := bad * percent / (percent - objective.ObjectivePct)
	answer.TotalEvents, answer.BadEvents, answer.DeliveredPct = total, new(bad**total), new(percent**good)
	answer.BurnRate, answer.BudgetLeftPct = &burn, new(percent*(1-burn))
	return answer, nil
}

// findObjective returns the objective with the id and its set, or empty ones.
func findObjective(snapshot prom.Snapshot, id string) (api.ObjectiveSet, api.Objective) {
	for _, set := range objectiveSets(snapshot) {
		for _, objective := range set.Objectives {
			if objective.ID == id {
				return set, objective
			}
		}
	}
	return api.ObjectiveSet{}, api.Objective{}
}
