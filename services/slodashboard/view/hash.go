package view

import (
	"context"
	"slices"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

const badRoute, goodRoute = "/api/heavy-hash/bad", "/api/heavy-hash/good"

// sideMeasures returns the measures of one side. route is empty for the idle side.
func sideMeasures(side prom.Side, route string) measures[api.HashSide] {
	ms := measures[api.HashSide]{
		other(func(s *api.HashSide, _ float64) { s.RunningNow = true }, prom.Query(side), asIs),
		number(func(s *api.HashSide) **float64 { return &s.SeenSec }, side.Seen(), prom.HashMoment.Seconds()),
		number(clientListP95, side.ClientListQuantile("0.95"), millis),
		number(clientListP99, side.ClientListQuantile("0.99"), millis),
		number(listP95, side.ListQuantile("0.95"), millis),
		number(listP99, side.ListQuantile("0.99"), millis),
		number(schedulerP99, side.SchedulerP99(), millis),
	}
	if route == "" {
		return ms
	}
	return append(ms,
		number(hashesPerSec, side.HashRate(route, "200"), asIs),
		number(rejectionsPerSec, side.HashRate(route, "429"), asIs),
		number(func(s *api.HashSide) **float64 { return &s.HashP95Ms }, side.HashP95(route), millis),
	)
}

func clientListP95(s *api.HashSide) **float64    { return &s.ClientListP95Ms }
func clientListP99(s *api.HashSide) **float64    { return &s.ClientListP99Ms }
func listP95(s *api.HashSide) **float64          { return &s.ListP95Ms }
func listP99(s *api.HashSide) **float64          { return &s.ListP99Ms }
func schedulerP99(s *api.HashSide) **float64     { return &s.SchedulerP99Ms }
func hashesPerSec(s *api.HashSide) **float64     { return &s.HashesPerSec }
func rejectionsPerSec(s *api.HashSide) **float64 { return &s.RejectionsPerSec }

func hashCurves() []curve {
	return measures[api.HashSide]{
		number(clientListP95, prom.ClientListP95, millis),
		number(clientListP99, prom.ClientListP99, millis),
		number(listP95, prom.ListP95, millis),
		number(listP99, prom.ListP99, millis),
		number(schedulerP99, prom.SchedulerP99, millis),
		number(hashesPerSec, prom.HashRate, asIs, "status", "200", "route", badRoute),
		number(hashesPerSec, prom.HashRate, asIs, "status", "200", "route", goodRoute),
		number(rejectionsPerSec, prom.HashRate, asIs, "status", "429", "route", goodRoute),
	}.curves()
}

func poolMeasures() measures[api.HashPool] {
	return measures[api.HashPool]{
		number(func(p *api.HashPool) **float64 { return &p.Workers }, prom.PoolWorkers, asIs),
		number(func(p *api.HashPool) **float64 { return &p.Busy }, prom.PoolBusy, asIs),
		number(func(p *api.HashPool) **float64 { return &p.Queued }, prom.PoolQueued, asIs),
	}
}

// Hash returns the comparison of bad and good hashes, with a history of length past unless it is 0.
func (v *Views) Hash(ctx context.Context, past time.Duration) (answer api.Hash, err error) {
	answer.WindowSec = prom.HashLookback.Seconds()
	if answer.At, err = now(ctx, v, poolMeasures(), &answer.Pool); err != nil {
		return api.Hash{}, err
	}
	bad, good, idle := sideMeasures(prom.Bad, badRoute), sideMeasures(prom.Good, goodRoute), sideMeasures(prom.Idle, "")
	seen, err := v.prom.At(ctx, answer.At.Truncate(prom.HashMoment), slices.Concat(bad, good, idle).queries()...)
	if err != nil {
		return api.Hash{}, err
	}
	bad.fill(&answer.Bad, seen)
	good.fill(&answer.Good, seen)
	idle.fill(&answer.Idle, seen)
	answer.History, err = v.history(ctx, past, hashCurves())
	return answer, err
}
