package view

import (
	"context"
	"time"

	"deals.example/internal/queue"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
	"deals.example/slo/indicators"
)

const (
	deadShown  = 20                     // dead jobs listed per queue
	dlqTimeout = 500 * time.Millisecond // a hanging Redis must not delay the numbers
)

// DLQ lists dead jobs. queue.DLQ implements it.
type DLQ interface {
	List(ctx context.Context, queue string, page queue.Page) (queue.DeadPage, error)
}

type queueField = func(*api.Queue) **float64

// queueCurves returns the measures of a queue that have a history.
func queueCurves(name string) measures[api.Queue] {
	of := func(field queueField, query prom.Query) measure[api.Queue] {
		return number(field, query, asIs, "queue", name)
	}
	return measures[api.Queue]{
		of(func(q *api.Queue) **float64 { return &q.Depth }, indicators.DepthByQueue),
		seconds(func(q *api.Queue) **api.Seconds { return &q.LagSec }, indicators.LagByQueue, "queue", name),
		of(func(q *api.Queue) **float64 { return &q.OldestSec }, indicators.OldestByQueue),
		of(func(q *api.Queue) **float64 { return &q.EnqueuedRps }, prom.EnqueuedByQueue),
		of(func(q *api.Queue) **float64 { return &q.CompletedRps }, indicators.CompletedByQueue),
		dead(name),
	}
}

// dead counts the jobs in a queue's DLQ.
func dead(name string) measure[api.Queue] {
	m := other(func(q *api.Queue, value float64) { q.Dead = int(value) }, indicators.DeadByQueue, asIs, "queue", name)
	m.name = fieldName(func(q *api.Queue) any { return &q.Dead })
	return m
}

func queueMeasures(name string) measures[api.Queue] {
	of := func(field queueField, query prom.Query, scale float64) measure[api.Queue] {
		return number(field, query, scale, "queue", name)
	}
	return append(queueCurves(name),
		of(func(q *api.Queue) **float64 { return &q.RetriedRps }, prom.RetriedByQueue, asIs),
		of(func(q *api.Queue) **float64 { return &q.DiedRps }, prom.DiedByQueue, asIs),
		of(func(q *api.Queue) **float64 { return &q.RefusedRps }, prom.RefusedByQueue, asIs),
		of(func(q *api.Queue) **float64 { return &q.InFlight }, indicators.InFlightByQueue, asIs),
		of(func(q *api.Queue) **float64 { return &q.EndToEndMs }, prom.EndToEndP95, millis),
		other(func(q *api.Queue, value float64) { q.Paused = value > 0 }, indicators.PausedByQueue, asIs, "queue", name),
	)
}

// Queues returns the queues, with a history of length past unless it is 0. If Redis can't list dead jobs, DLQNote says why.
func (v *Views) Queues(ctx context.Context, past time.Duration) (answer api.Queues, err error) {
	var curves []curve
	for _, name := range queue.Names() {
		shown := api.Queue{Name: name, DeadJobs: []api.DeadJob{}}
		if answer.At, err = now(ctx, v, queueMeasures(name), &shown); err != nil {
			return api.Queues{}, err
		}
		if err := v.listDead(ctx, &shown); err != nil {
			answer.DLQNote = err.Error()
		}
		answer.Queues = append(answer.Queues, shown)
		curves = append(curves, queueCurves(name).curves()...)
	}
	answer.History, err = v.history(ctx, past, curves)
	return answer, err
}

// listDead adds the dead jobs and their number from Redis, which is more current than Prometheus.
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
