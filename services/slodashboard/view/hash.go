package view

import (
	"context"
	"slices"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

const badRoute, goodRoute = "/api/heavy-hash/bad", "/api/heavy-hash/good"

// sideMeasures are what was seen while one way of hashing ran. route is empty for the moments at which none did.
func sideMeasures(side prom.Side, route string) measures {
	ms := measures{
		{"now", prom.Query(side), asIs, nil},
		{"seenMoments", side.Seen(), asIs, nil},
		{"listP95Ms", side.ListQuantile("0.95"), millis, nil},
		{"listP99Ms", side.ListQuantile("0.99"), millis, nil},
		{"schedulerP99Ms", side.SchedulerP99(), millis, nil},
	}
	if route == "" {
		return ms
	}
	return append(ms,
		measure{"hashesPerSec", side.HashRate(route, "200"), asIs, nil},
		measure{"rejectionsPerSec", side.HashRate(route, "429"), asIs, nil},
		measure{"hashP95Ms", side.HashP95(route), millis, nil},
	)
}

func hashCurves() measures {
	return measures{
		{"listP95Ms", prom.ListP95, millis, nil},
		{"listP99Ms", prom.ListP99, millis, nil},
		{"schedulerP99Ms", prom.SchedulerP99, millis, nil},
		{"hashesPerSec", prom.HashRate, asIs, []string{"status", "200", "route", badRoute}},
		{"hashesPerSec", prom.HashRate, asIs, []string{"status", "200", "route", goodRoute}},
		{"rejectionsPerSec", prom.HashRate, asIs, []string{"status", "429", "route", goodRoute}},
	}
}

// Hash compares the two ways to hash, with the past of that long unless it is 0.
func (v *Views) Hash(ctx context.Context, past time.Duration) (api.Hash, error) {
	bad, good, idle := sideMeasures(prom.Bad, badRoute), sideMeasures(prom.Good, goodRoute), sideMeasures(prom.Idle, "")
	pool := measures{{"workers", prom.PoolWorkers, asIs, nil}, {"busy", prom.PoolBusy, asIs, nil}, {"queued", prom.PoolQueued, asIs, nil}}
	now, err := v.prom.Now(ctx, pool.queries()...)
	if err != nil {
		return api.Hash{}, err
	}
	seen, err := v.prom.At(ctx, now.At.Truncate(prom.HashMoment), slices.Concat(bad, good, idle).queries()...)
	if err != nil {
		return api.Hash{}, err
	}
	history, err := v.history(ctx, past, hashCurves())
	if err != nil {
		return api.Hash{}, err
	}
	p := pool.in(now)
	return api.Hash{
		At: now.At, WindowSec: prom.HashLookback.Seconds(), History: history,
		Bad: describeSide(bad.in(seen)), Good: describeSide(good.in(seen)), Idle: describeSide(idle.in(seen)),
		Pool: api.HashPool{Workers: p.get("workers"), Busy: p.get("busy"), Queued: p.get("queued")},
	}, nil
}

func describeSide(n numbers) api.HashSide {
	_, now := n["now"]
	side := api.HashSide{
		RunningNow: now,
		ListP95Ms:  n.get("listP95Ms"), ListP99Ms: n.get("listP99Ms"), SchedulerP99Ms: n.get("schedulerP99Ms"),
		HashesPerSec: n.get("hashesPerSec"), RejectionsPerSec: n.get("rejectionsPerSec"), HashP95Ms: n.get("hashP95Ms"),
	}
	if moments, seen := n["seenMoments"]; seen {
		side.SeenSec = new(moments * prom.HashMoment.Seconds())
	}
	return side
}
