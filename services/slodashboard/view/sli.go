package view

import (
	"context"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/slo/indicators"
)

func targets() api.Targets {
	return api.Targets{
		ErrorRatePct: indicators.ErrorRatePctTarget, P95LatencyMs: indicators.P95LatencyMsTarget, QueueDepth: indicators.QueueDepthTarget,
	}
}

func sliMeasures() measures[api.SLI] {
	return measures[api.SLI]{
		number(func(a *api.SLI) **float64 { return &a.RequestRateRps }, indicators.RequestRate, asIs),
		number(func(a *api.SLI) **float64 { return &a.ErrorRatePct }, indicators.ErrorRatio, percent),
		number(func(a *api.SLI) **float64 { return &a.P95LatencyMs }, indicators.P95, millis),
		number(func(a *api.SLI) **float64 { return &a.UpstreamFailureRatePct }, indicators.UpstreamFailureRatio, percent),
		number(func(a *api.SLI) **float64 { return &a.QueueDepth }, indicators.QueueDepth, asIs),
		seconds(func(a *api.SLI) **api.Seconds { return &a.QueueLagEstimateSec }, indicators.QueueLag),
	}
}

// SLI returns the indicators, with a history of length past unless it is 0.
func (v *Views) SLI(ctx context.Context, past time.Duration) (answer api.SLI, err error) {
	ms := sliMeasures()
	if answer.At, err = now(ctx, v, ms, &answer); err != nil {
		return api.SLI{}, err
	}
	if answer.Outside, err = v.outside(ctx); err != nil {
		return api.SLI{}, err
	}
	answer.Targets = targets()
	answer.Met = api.Met{
		ErrorRatePct: below(answer.ErrorRatePct, answer.Targets.ErrorRatePct),
		P95LatencyMs: below(answer.P95LatencyMs, answer.Targets.P95LatencyMs),
		QueueDepth:   below(answer.QueueDepth, answer.Targets.QueueDepth),
	}
	answer.History, err = v.history(ctx, past, ms.curves())
	return answer, err
}

// below reports whether value is below target. It returns nil if there is no value.
func below(value *float64, target float64) *bool {
	if value == nil {
		return nil
	}
	return new(*value < target)
}
