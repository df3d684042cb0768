package view

import (
	"deals.example/services/slodashboard/api"
	"deals.example/slo/indicators"
)

// Kinds of nodes. An edge has the kind of the node that it leads to.
const (
	kindClient    = "client"
	kindAPI       = "api"
	kindService   = "service"
	kindBalancer  = "balancer"
	kindStore     = "store"
	kindQueue     = "queue"
	kindWorker    = "worker"
	kindObjective = "objective"
)

// thresholds returns the values from which a number is worth watching, and bad.
func thresholds() []api.Threshold {
	var all []api.Threshold
	for _, t := range indicators.Thresholds() {
		all = append(all, api.Threshold(t))
	}
	return all
}

// severity returns the worst severity of the readings, or Unknown if no threshold of the kind applies.
func severity(kind string, readings []reading) api.Severity {
	worst := api.Unknown
	for _, t := range thresholds() {
		for _, r := range readings {
			if t.Kind == kind && t.Number == r.name {
				worst = worse(worst, level(t, r.value))
			}
		}
	}
	return worst
}

func level(t api.Threshold, value float64) api.Severity {
	watch, bad := value >= t.Watch, value >= t.Bad
	if t.Below {
		watch, bad = value <= t.Watch, value <= t.Bad
	}
	switch {
	case bad:
		return api.Bad
	case watch:
		return api.Watch
	default:
		return api.Good
	}
}

func worse(a, b api.Severity) api.Severity {
	rank := map[api.Severity]int{api.Unknown: 0, api.Good: 1, api.Watch: 2, api.Bad: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
