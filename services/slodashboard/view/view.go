// Package view builds the responses of the dashboard's API from Prometheus. A view is a list of measures. A measure is a query and the field
// that its value is written to. Current values and histories use the same list.
package view

import (
	"context"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// Views builds the views. It may be used concurrently. Its errors are those of prom.Client.
type Views struct {
	prom *prom.Client
	dlq  DLQ
	// replicas are the URLs of the rating replicas, as rating-lb's metrics name them.
	replicas []string
}

// New returns the views. replicas are the base URLs of rating-service-a and -b.
func New(client *prom.Client, dlq DLQ, replicas []string) *Views {
	return &Views{prom: client, dlq: dlq, replicas: replicas}
}

// now queries the current values of measures and writes them to answer.
func now[T any](ctx context.Context, v *Views, ms measures[T], answer *T) (time.Time, error) {
	snapshot, err := v.prom.Now(ctx, ms.queries()...)
	if err != nil {
		return time.Time{}, err
	}
	ms.fill(answer, snapshot)
	return snapshot.At, nil
}

// history returns the past values of curves over the given length, or nil if it is 0.
func (v *Views) history(ctx context.Context, long time.Duration, curves []curve) (*api.History, error) {
	if long == 0 {
		return nil, nil //nolint:nilnil // null in the answer
	}
	queries := make([]prom.Query, len(curves))
	for i, c := range curves {
		queries[i] = c.query
	}
	past, err := v.prom.Past(ctx, prom.SpanUntil(time.Now(), long), queries...)
	if err != nil {
		return nil, err
	}
	history := &api.History{StepSec: past.Span.Step.Seconds(), Times: []float64{}, Series: make([]api.Series, len(curves))}
	for _, at := range past.Span.Times() {
		history.Times = append(history.Times, float64(at.Unix()))
	}
	for i, c := range curves {
		history.Series[i] = api.Series{Name: c.name, Of: c.of(), Values: past.Values(c.query, c.scale, c.labels...)}
	}
	return history, nil
}
