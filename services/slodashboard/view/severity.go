package view

import (
	"math"
	"slices"

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

// Numbers of a node or an edge, as in its JSON.
const (
	numberRate     = "rps"
	numberFailures = "failurePct"
)

// minFailures is how many failures in the window of the rates give a share of failures a severity. At rest a worker has two attempts in some
// windows, and one of them is 50 %.
const minFailures = 3

// severity returns the worst severity of the readings, or Unknown if no threshold of the kind applies.
func severity(kind string, readings []reading) api.Severity {
	worst, few := api.Unknown, fewFailures(readings)
	for _, t := range thresholds() {
		for _, r := range readings {
			switch {
			case t.Kind != kind || t.Number != r.name:
			case r.name == numberFailures && few:
				worst = worse(worst, api.Good)
			default:
				worst = worse(worst, level(t, r.value))
			}
		}
	}
	return worst
}

// fewFailures reports whether fewer than minFailures have failed. It is false without a rate.
func fewFailures(readings []reading) bool {
	value := func(name string) (float64, bool) {
		i := slices.IndexFunc(readings, func(r reading) bool { return r.name == name })
		if i < 0 {
			return 0, false
		}
		return readings[i].value, true
	}
	rate, known := value(numberRate)
	share, _ := value(numberFailures)
	return known && math.Round(rate*indicators.Window.Seconds()*share/percent) < minFailures
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
