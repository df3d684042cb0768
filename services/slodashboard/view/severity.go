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
	numberDepth    = "depth"
	numberLag      = "lagSec"
)

// At rest there are so few events in the window of the rates that a share or an estimate made of them says nothing: one of two attempts is
// 50 %, and a single job that was enqueued a moment ago has an infinite lag when none was completed before it. Of eleven calls, of which each
// fails with a probability of 2 %, three fail in one window of 800, and five in one of a million. Attempts at jobs fail with 16 %.
const (
	minFailures    = 5  // that give a share of failures a severity
	minJobFailures = 10 // the same of a worker
	minJobs        = 10 // that give the lag of a queue a severity
)

// severity returns the worst severity of the readings, or Unknown if no threshold of the kind applies.
func severity(kind string, readings []reading) api.Severity {
	worst := api.Unknown
	for _, t := range thresholds() {
		for _, r := range readings {
			switch {
			case t.Kind != kind || t.Number != r.name:
			case tooFew(kind, r.name, readings):
				worst = worse(worst, api.Good)
			default:
				worst = worse(worst, level(t, r.value))
			}
		}
	}
	return worst
}

// tooFew reports whether a number is made of too few events to have a severity.
func tooFew(kind, number string, readings []reading) bool {
	value := func(name string) float64 {
		i := slices.IndexFunc(readings, func(r reading) bool { return r.name == name })
		if i < 0 {
			return math.Inf(1)
		}
		return readings[i].value
	}
	switch number {
	case numberFailures:
		failures := value(numberRate) * indicators.Window.Seconds() * value(numberFailures) / percent
		enough := minFailures
		if kind == kindWorker {
			enough = minJobFailures
		}
		return failures < float64(enough)-0.01 // for rounding errors
	case numberLag:
		return value(numberDepth) < minJobs
	default:
		return false
	}
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
