package view

import (
	"context"
	"slices"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
	"deals.example/slo/indicators"
)

func hybridMeasures() measures[api.Hybrid] {
	return measures[api.Hybrid]{
		number(func(h *api.Hybrid) **float64 { return &h.ListRps }, indicators.ListRate, asIs),
		number(func(h *api.Hybrid) **float64 { return &h.DealsPerList }, indicators.DealsPerList, asIs),
		number(func(h *api.Hybrid) **float64 { return &h.FreshHitPct }, indicators.FreshRatio, percent),
		number(func(h *api.Hybrid) **float64 { return &h.CoveragePct }, indicators.CoverageRatio, percent),
		number(func(h *api.Hybrid) **float64 { return &h.CatalogCachePct }, indicators.PageHitRatio, percent),
		number(func(h *api.Hybrid) **float64 { return &h.FallbackPerList }, indicators.FallbackPerList, asIs),
		number(func(h *api.Hybrid) **float64 { return &h.FanOutClassic }, indicators.FanOutClassic, asIs),
		number(func(h *api.Hybrid) **float64 { return &h.FanOutMeasured }, indicators.FanOutMeasured, asIs),
		number(func(h *api.Hybrid) **float64 { return &h.ReductionPct }, indicators.FanOutReduction, percent),
		number(func(h *api.Hybrid) **float64 { return &h.P95Ms }, prom.ListP95, millis),
	}
}

// cardOutcomes returns the rates of the read model's outcomes.
func cardOutcomes() []curve {
	name := fieldName(func(h *api.Hybrid) any { return &h.Outcomes })
	var outcomes []curve
	for _, outcome := range []string{"hit", "stale", "miss", "bypass", "live_fallback", "refresh_enqueued"} {
		outcomes = append(outcomes, curve{name, prom.CardOutcomes, asIs, []string{"outcome", outcome}})
	}
	return outcomes
}

// Hybrid returns the numbers of the read model, with a history of length past unless it is 0.
func (v *Views) Hybrid(ctx context.Context, past time.Duration) (answer api.Hybrid, err error) {
	ms := hybridMeasures()
	snapshot, err := v.prom.Now(ctx, append(ms.queries(), prom.CardOutcomes)...)
	if err != nil {
		return api.Hybrid{}, err
	}
	answer.At = snapshot.At
	ms.fill(&answer, snapshot)
	answer.Outcomes = outcomes(snapshot, answer.ListRps)
	answer.History, err = v.history(ctx, past, slices.Concat(ms.curves(), cardOutcomes()))
	return answer, err
}

func outcomes(snapshot prom.Snapshot, lists *float64) []api.Outcome {
	var all []api.Outcome
	for _, c := range cardOutcomes() {
		outcome := api.Outcome{Outcome: c.of(), Rps: snapshot.Value(c.query, c.labels...)}
		if outcome.Rps != nil && lists != nil && *lists > 0 {
			outcome.PerList = new(*outcome.Rps / *lists)
		}
		all = append(all, outcome)
	}
	return all
}
