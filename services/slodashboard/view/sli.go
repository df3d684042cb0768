package view

import (
	"context"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// targets are those of SPEC 9.
func targets() api.Targets { return api.Targets{ErrorRatePct: 1, P95LatencyMs: 300, QueueDepth: 1000} }

func indicators() measures {
	return measures{
		{"requestRateRps", prom.RequestRate, asIs, nil},
		{"errorRatePct", prom.ErrorRatio, percent, nil},
		{"p95LatencyMs", prom.P95, millis, nil},
		{"upstreamFailureRatePct", prom.UpstreamFailureRatio, percent, nil},
		{"queueDepth", prom.QueueDepth, asIs, nil},
		{"queueLagEstimateSec", prom.QueueLag, asIs, nil},
	}
}

// SLI is the indicators, with their past of that long unless it is 0.
func (v *Views) SLI(ctx context.Context, past time.Duration) (api.SLI, error) {
	n, at, err := v.now(ctx, indicators())
	if err != nil {
		return api.SLI{}, err
	}
	history, err := v.history(ctx, past, indicators())
	if err != nil {
		return api.SLI{}, err
	}
	limit := targets()
	return api.SLI{
		At: at, Targets: limit, History: history,
		RequestRateRps: n.get("requestRateRps"), ErrorRatePct: n.get("errorRatePct"), P95LatencyMs: n.get("p95LatencyMs"),
		UpstreamFailureRatePct: n.get("upstreamFailureRatePct"),
		QueueDepth:             n.get("queueDepth"), QueueLagEstimateSec: n.seconds("queueLagEstimateSec"),
		Met: api.Met{
			ErrorRatePct: n.below("errorRatePct", limit.ErrorRatePct),
			P95LatencyMs: n.below("p95LatencyMs", limit.P95LatencyMs),
			QueueDepth:   n.below("queueDepth", limit.QueueDepth),
		},
	}, nil
}
