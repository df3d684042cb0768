package composer

import (
	"deals.example/internal/limiter"
	"deals.example/internal/upstream"
	"deals.example/lab/control"
)

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
