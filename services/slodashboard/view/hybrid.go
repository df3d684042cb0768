package view

import (
	"context"
	"slices"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

func readModel() measures {
	return measures{
		{"listRps", prom.ListRate, asIs, nil},
		{"dealsPerList", prom.DealsPerList, asIs, nil},
		{"freshHitPct", prom.FreshRatio, percent, nil},
		{"coveragePct", prom.CoverageRatio, percent, nil},
		{"catalogCachePct", prom.PageHitRatio, percent, nil},
		{"liveFallbackPerRequest", prom.FallbackPerList, asIs, nil},
		{"fanOutClassic", prom.FanOutClassic, asIs, nil},
		{"fanOutMeasured", prom.FanOutMeasured, asIs, nil},
		{"reductionPct", prom.FanOutReduction, percent, nil},
		{"p95Ms", prom.ListP95, millis, nil},
	}
}

// cardOutcomes are measured by themselves, since they share a name.
func cardOutcomes() measures {
	var outcomes measures
	for _, outcome := range []string{"hit", "stale", "miss", "live_fallback", "refresh_enqueued"} {
		outcomes = append(outcomes, measure{"outcomes", prom.CardOutcomes, asIs, []string{"outcome", outcome}})
	}
	return outcomes
}

// Hybrid is the read model, with its past of that long unless it is 0.
func (v *Views) Hybrid(ctx context.Context, past time.Duration) (api.Hybrid, error) {
	shown := readModel()
	all := slices.Concat(shown, cardOutcomes())
	snapshot, err := v.prom.Now(ctx, all.queries()...)
	if err != nil {
		return api.Hybrid{}, err
	}
	history, err := v.history(ctx, past, all)
	if err != nil {
		return api.Hybrid{}, err
	}
	n := shown.in(snapshot)
	return api.Hybrid{
		At: snapshot.At, History: history, Outcomes: outcomes(snapshot, n.get("listRps")),
		ListRps: n.get("listRps"), DealsPerList: n.get("dealsPerList"), P95Ms: n.get("p95Ms"),
		FreshHitPct: n.get("freshHitPct"), CoveragePct: n.get("coveragePct"), CatalogCachePct: n.get("catalogCachePct"),
		FallbackPerList: n.get("liveFallbackPerRequest"),
		FanOutClassic:   n.get("fanOutClassic"), FanOutMeasured: n.get("fanOutMeasured"), ReductionPct: n.get("reductionPct"),
	}, nil
}

func outcomes(snapshot prom.Snapshot, lists *float64) []api.Outcome {
	var all []api.Outcome
	for _, m := range cardOutcomes() {
		outcome := api.Outcome{Outcome: m.of(), Rps: snapshot.Value(m.query, m.labels...)}
		if outcome.Rps != nil && lists != nil && *lists > 0 {
			outcome.PerList = new(*outcome.Rps / *lists)
		}
		all = append(all, outcome)
	}
	return all
}
