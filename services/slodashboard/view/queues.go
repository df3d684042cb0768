package view

import (
	"context"
	"slices"
	"time"

	"deals.example/internal/queue"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

const (
	deadShown  = 20                     // dead jobs of a queue that are listed
	dlqTimeout = 500 * time.Millisecond // a Redis that is silent must not keep the numbers waiting
)

// DLQ lists dead jobs; queue.DLQ does.
type DLQ interface {
	List(ctx context.Context, queue string, page queue.Page) (queue.DeadPage, error)
}

// queueCurves are the measures of a queue whose past is shown.
func queueCurves(name string) measures {
	of := []string{"queue", name}
	return measures{
		{"depth", prom.DepthByQueue, asIs, of},
		{"lagSec", prom.LagByQueue, asIs, of},
		{"oldestSec", prom.OldestByQueue, asIs, of},
		{"dead", prom.DeadByQueue, asIs, of},
		{"enqueuedRps", prom.EnqueuedByQueue, asIs, of},
		{"completedRps", prom.CompletedByQueue, asIs, of},
	}
}

func queueMeasures(name string) measures {
	of := []string{"queue", name}
	return append(queueCurves(name),
		measure{"retriedRps", prom.RetriedByQueue, asIs, of},
		measure{"diedRps", prom.DiedByQueue, asIs, of},
		measure{"refusedRps", prom.RefusedByQueue, asIs, of},
		measure{"inFlight", prom.InFlightByQueue, asIs, of},
		measure{"endToEndP95Ms", prom.EndToEndP95, millis, of},
		measure{"paused", prom.PausedByQueue, asIs, of},
	)
}

// Queues is the queues, with their past of that long unless it is 0. That Redis can't be asked for dead jobs is a note, and no error.
func (v *Views) Queues(ctx context.Context, past time.Duration) (api.Queues, error) {
	answer := api.Queues{}
	var curves measures
	for _, name := range queue.Names() {
		n, at, err := v.now(ctx, queueMeasures(name))
		if err != nil {
			return api.Queues{}, err
		}
		shown := describeQueue(name, n)
		if err := v.listDead(ctx, &shown); err != nil {
			answer.DLQNote = err.Error()
		}
		answer.At, answer.Queues = at, append(answer.Queues, shown)
		curves = slices.Concat(curves, queueCurves(name))
	}
	var err error
	answer.History, err = v.history(ctx, past, curves)
	return answer, err
}

func describeQueue(name string, n numbers) api.Queue {
	return api.Queue{
		Name: name, Depth: n.get("depth"), LagSec: n.seconds("lagSec"), OldestSec: n.get("oldestSec"),
		EnqueuedRps: n.get("enqueuedRps"), CompletedRps: n.get("completedRps"), RetriedRps: n.get("retriedRps"), DiedRps: n.get("diedRps"),
		RefusedRps: n.get("refusedRps"), InFlight: n.get("inFlight"), EndToEndMs: n.get("endToEndP95Ms"), Paused: n["paused"] > 0,
		Dead: int(n["dead"]), DeadJobs: []api.DeadJob{},
	}
}

// listDead fills in the dead jobs, and counts them anew: Redis knows it sooner than Prometheus.
func (v *Views) listDead(ctx context.Context, shown *api.Queue) error {
	ctx, cancel := context.WithTimeout(ctx, dlqTimeout)
	defer cancel()
	page, err := v.dlq.List(ctx, shown.Name, queue.Page{Size: deadShown})
	if err != nil {
		return err
	}
	shown.Dead = page.Total
	for _, job := range page.Jobs {
		shown.DeadJobs = append(shown.DeadJobs, api.DeadJob{
			ID: job.ID, FailedStep: job.FailedStep, LastError: job.LastError, Attempts: job.Attempts,
			EnqueuedAt: job.EnqueuedAt, DiedAt: job.DiedAt, ReplayedAt: job.ReplayedAt, TraceID: job.TraceID,
		})
	}
	return nil
}
