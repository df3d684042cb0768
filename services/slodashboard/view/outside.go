package view

import (
	"context"
	"fmt"
	"math"
	"slices"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// Who measures outside of the API.
const (
	byClients = "k6"
	byProbes  = "probe"
	byNobody  = "none"
)

func insideMeasures() measures[api.Outside] {
	return measures[api.Outside]{
		number(func(o *api.Outside) **float64 { return &o.InsideErrorRatePct }, prom.InsideErrorRatio, percent),
		number(func(o *api.Outside) **float64 { return &o.InsideP95LatencyMs }, prom.InsideP95, millis),
	}
}

func outsideMeasures(requests, errorRatio, p95 prom.Query) measures[api.Outside] {
	return measures[api.Outside]{
		number(func(o *api.Outside) **float64 { return &o.Requests }, requests, asIs),
		number(func(o *api.Outside) **float64 { return &o.ErrorRatePct }, errorRatio, percent),
		number(func(o *api.Outside) **float64 { return &o.P95LatencyMs }, p95, millis),
	}
}

// outside returns what the clients of a running scenario got, else what the probes got, beside the API's own numbers.
func (v *Views) outside(ctx context.Context) (api.Outside, error) {
	inside := insideMeasures()
	clients := outsideMeasures(prom.ClientRequests, prom.ClientErrorRatio, prom.ClientP95)
	probes := outsideMeasures(prom.ProbeRequests, prom.ProbeErrorRatio, prom.ProbeP95)
	snapshot, err := v.prom.Now(ctx, slices.Concat(inside, clients, probes).queries()...)
	if err != nil {
		return api.Outside{}, err
	}
	answer := api.Outside{Source: byNobody, WindowSec: prom.OutsideWindow.Seconds()}
	inside.fill(&answer, snapshot)
	switch {
	case snapshot.Value(prom.ClientRequests) != nil:
		answer.Source = byClients
		clients.fill(&answer, snapshot)
	case snapshot.Value(prom.ProbeRequests) != nil:
		answer.Source = byProbes
		probes.fill(&answer, snapshot)
	}
	answer.Differences = differences(answer)
	return answer, nil
}

const othersWorse = "Other clients are worse off than those that were measured."

// differences says where inside and outside differ by more than noise.
func differences(o api.Outside) []string {
	switch {
	case o.Source == byNobody || o.Requests == nil:
		return []string{}
	case o.InsideErrorRatePct == nil && o.InsideP95LatencyMs == nil:
		return []string{"Prometheus has no numbers of the API itself. Only those from outside count."}
	}
	return append(errorDifference(o), latencyDifference(o)...)
}

func errorDifference(o api.Outside) []string {
	inside, outside := o.InsideErrorRatePct, o.ErrorRatePct
	if inside == nil || outside == nil || !errorsDiffer(*inside, *outside, *o.Requests) {
		return []string{}
	}
	effect := "Failures are missing in its own numbers: requests that it did not answer, or metrics that were not scraped."
	if *inside > *outside {
		effect = othersWorse
	}
	return []string{fmt.Sprintf("Clients see %.1f %% errors, the API counts %.1f %%. %s", *outside, *inside, effect)}
}

func latencyDifference(o api.Outside) []string {
	inside, outside := o.InsideP95LatencyMs, o.P95LatencyMs
	if inside == nil || outside == nil || !latenciesDiffer(*inside, *outside, *o.Requests) {
		return nil
	}
	effect := "Requests wait before the API's clock starts: for a connection or for a processor."
	if *inside > *outside {
		effect = othersWorse
	}
	return []string{fmt.Sprintf("For clients the p95 is %.0f ms, for the API %.0f ms. %s", *outside, *inside, effect)}
}

// errorsDiffer reports whether two error rates in percent differ by more than one percentage point and two standard errors of a share of n
// requests.
func errorsDiffer(inside, outside, n float64) bool {
	share := min(max(inside, outside)/percent, 1)
	noise := 2 * percent * math.Sqrt(share*(1-share)/n)
	return math.Abs(outside-inside) > 1+noise
}

// latenciesDiffer reports whether two p95 in milliseconds differ by more than noise. Buckets are up to 10 % wide on both sides. Of fewer than
// 100 requests the p95 is one of the five slowest, which chance can double. 50 ms are what a client's own wait for a processor may take.
func latenciesDiffer(inside, outside, n float64) bool {
	factor := 1.25
	if n < 100 {
		factor = 2
	}
	low, high := min(inside, outside), max(inside, outside)
	return high > factor*low && high-low > 50
}
