package composer

import (
	"time"

	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
	"deals.example/lab/control"
)

// controls are those of the calls to the upstreams.
func controls(pool *upstream.Pool, policies upstream.Config) []control.Control {
	return []control.Control{
		limitControl(pool, policies),
		waitControl(pool),
		retryControl(pool),
		control.OnOff("breaker", "refuses calls to an upstream that fails, until trials succeed", pool.Policies().Breaker, func(on bool) error {
			return pool.Switch(func(p *upstream.Policies) { p.Breaker = on })
		}),
		deadlineControl(pool),
		hedgingControl(pool),
		bulkheadControl(pool),
	}
}

// limitControl switches what bounds the attempts in flight at each upstream.
func limitControl(pool *upstream.Pool, policies upstream.Config) control.Control {
	start := control.Setting{Option: string(policies.Limit)}
	if policies.Limit == limiter.Static {
		start.Value = policies.StaticLimit
	}
	return control.Control{
		Name: "upstream-limit", Help: "what bounds the attempts in flight at each upstream", Start: start,
		Options: []control.Option{
			{Name: string(limiter.Adaptive), Help: "the load that the upstream reports"},
			{Name: string(limiter.Latency), Help: "the latency of its answers"},
			{Name: string(limiter.Static), Help: "a constant", Min: 1, Max: upstream.MaxStaticLimit},
			{Name: string(limiter.None), Help: "nothing"},
		},
		Apply: func(s control.Setting) error {
			return pool.SwitchLimit(limiter.Kind(s.Option), max(s.Value, 1))
		},
	}
}

// waitControl switches how long an attempt waits where upstream-limit and bulkhead give each upstream a limit of its own.
func waitControl(pool *upstream.Pool) control.Control {
	const whileUseful, atMost = "while-useful", "at-most"
	return control.Control{
		Name: "upstream-wait", Help: "how long an attempt waits for the limit of its upstream, before its part is left out", Start: control.Setting{Option: whileUseful},
		Options: []control.Option{
			{Name: whileUseful, Help: "until too little time is left for an answer"},
			{Name: atMost, Help: "that many milliseconds", Min: 1, Max: 10_000},
		},
		Apply: func(s control.Setting) error {
			pool.SwitchWait(time.Duration(s.Value) * time.Millisecond)
			return nil
		},
	}
}

// retryControl switches which failed attempts are followed by another one.
func retryControl(pool *upstream.Pool) control.Control {
	return control.Control{
		Name: "retry", Help: "what follows a failed attempt at an upstream", Start: control.Setting{Option: string(pool.Policies().Retry)},
		Options: []control.Option{
			{Name: string(upstream.RetryBudget), Help: "one retry after a random delay, while retries are few among the calls"},
			{Name: string(upstream.RetryFixed), Help: "that many attempts in all, at once and without a budget", Min: upstream.MinAttempts, Max: upstream.MaxAttempts},
			{Name: string(upstream.RetryNone), Help: "nothing"},
		},
		Apply: func(s control.Setting) error {
			return pool.Switch(func(p *upstream.Policies) {
				p.Retry, p.Attempts = upstream.Retry(s.Option), max(s.Value, upstream.MinAttempts)
			})
		},
	}
}

// deadlineControl switches whether upstreams are told how long their caller waits.
func deadlineControl(pool *upstream.Pool) control.Control {
	const propagated, local = "propagated", "local"
	return control.Control{
		Name: "deadline", Help: "who knows how long a caller waits", Start: control.Setting{Option: propagated},
		Options: []control.Option{
			{Name: propagated, Help: "upstreams too, which drop what nobody waits for any more"},
			{Name: local, Help: "only the caller; upstreams go on working after it has left"},
		},
		Apply: func(s control.Setting) error {
			return pool.Switch(func(p *upstream.Policies) { p.LocalDeadlines = s.Option == local })
		},
	}
}

// hedgingControl switches whether slow attempts get company.
func hedgingControl(pool *upstream.Pool) control.Control {
	return control.Control{
		Name: "hedging", Help: "which attempts slower than their upstream's p95 get a second one beside them", Start: control.Setting{Option: string(upstream.HedgeOff)},
		Options: []control.Option{
			{Name: string(upstream.HedgeOff), Help: "none"},
			{Name: string(upstream.HedgeBudget), Help: "as many as add at most 5 % to the calls"},
			{Name: string(upstream.HedgeUnlimited), Help: "all"},
		},
		Apply: func(s control.Setting) error {
			return pool.Switch(func(p *upstream.Policies) { p.Hedging = upstream.Hedging(s.Option) })
		},
	}
}

// bulkheadControl switches what keeps one slow upstream from holding up calls to the others.
func bulkheadControl(pool *upstream.Pool) control.Control {
	return control.Control{
		Name: "bulkhead", Help: "whose places an attempt takes while it is in flight", Start: control.Setting{Option: string(upstream.BulkheadPerUpstream)},
		Options: []control.Option{
			{Name: string(upstream.BulkheadPerUpstream), Help: "those of its upstream, as many as upstream-limit says"},
			{Name: string(upstream.BulkheadShared), Help: "those of all upstreams, as many as their limits add up to"},
			{Name: string(upstream.BulkheadNone), Help: "nobody's: there is no limit"},
		},
		Apply: func(s control.Setting) error {
			return pool.Switch(func(p *upstream.Policies) { p.Bulkhead = upstream.Bulkhead(s.Option) })
		},
	}
}
