package view

import "deals.example/services/slodashboard/api"

// Kinds of nodes, which are also those of the edges that lead to them.
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

// thresholds is from where on a number is worth watching, and bad: the one table that colours come from.
func thresholds() []api.Threshold {
	const below = true
	return []api.Threshold{
		{Kind: kindAPI, Number: "failurePct", Watch: 0.5, Bad: 1, Why: "the target is under 1 %"},
		{Kind: kindAPI, Number: "p95Ms", Watch: 225, Bad: 300, Why: "the target is under 300 ms"},
		{Kind: kindService, Number: "failurePct", Watch: 5, Bad: 20, Why: "1 to 2 % fail in health; retries make up for some more"},
		{Kind: kindService, Number: "p95Ms", Watch: 400, Bad: 700, Why: "up to 320 ms in health; an attempt is given up after 800 ms"},
		{Kind: kindBalancer, Number: "failurePct", Watch: 5, Bad: 20, Why: "a failed replica has another one tried"},
		{Kind: kindBalancer, Number: "p95Ms", Watch: 450, Bad: 700, Why: "up to 320 ms in health, and a second replica after that"},
		{Kind: kindStore, Number: "coveredPct", Watch: 90, Bad: 50, Below: below, Why: "what has no card is composed live, or served bare"},
		{Kind: kindQueue, Number: "depth", Watch: 500, Bad: 1000, Why: "batches are refused from 1000 jobs on"},
		{Kind: kindQueue, Number: "lagSec", Watch: 10, Bad: 20, Why: "99 % of the jobs should be done within 20 s"},
		{Kind: kindQueue, Number: "dead", Watch: 1, Bad: 50, Why: "a dead job waits for a person"},
		{Kind: kindWorker, Number: "failurePct", Watch: 25, Bad: 50, Why: "up to 16 % of the attempts fail in health, and are retried"},
		{Kind: kindWorker, Number: "p95Ms", Watch: 600, Bad: 1000, Why: "an attempt waits for the slowest of four upstreams"},
		{Kind: kindObjective, Number: "budgetLeftPct", Watch: 50, Bad: 0, Below: below, Why: "without budget the promise is broken"},
		{Kind: kindObjective, Number: "burnRate", Watch: 1, Bad: 6, Why: "from 1 on the budget won't last; pages begin at 6"},
	}
}

// severity is that of the worst of the numbers of something of a kind; unknown when it has none.
func severity(kind string, n numbers) api.Severity {
	worst := api.Unknown
	for _, t := range thresholds() {
		if value, known := n[t.Number]; known && t.Kind == kind {
			worst = worse(worst, level(t, value))
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
