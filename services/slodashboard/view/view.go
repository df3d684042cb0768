// Package view makes the answers of the dashboard's API of what Prometheus says. A view is a list of measures: what each is called, and
// the query behind it. Its present and its past are made of the same list.
package view

import (
	"context"
	"math"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// Views asks Prometheus for what each view shows. It may be used concurrently. Errors are those of prom.Client.
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

// Factors from the units of Prometheus, seconds and shares, to those of the API.
const (
	asIs    = 1
	percent = 100
	millis  = 1000
)

// measure is a number of a view.
type measure struct {
	name   string // of the member
	query  prom.Query
	scale  float64
	labels []string // of the wanted series: each label before its value
}

// of is what the measure is about, when the view has several of its name.
func (m measure) of() string {
	if len(m.labels) == 0 {
		return ""
	}
	return m.labels[len(m.labels)-1]
}

type measures []measure

func (ms measures) queries() []prom.Query {
	queries := make([]prom.Query, len(ms))
	for i, m := range ms {
		queries[i] = m.query
	}
	return queries
}

// numbers are the measures that have a value, by name.
type numbers map[string]float64

func (ms measures) in(snapshot prom.Snapshot) numbers {
	found := make(numbers, len(ms))
	for _, m := range ms {
		if value := snapshot.ValueOrInf(m.query, m.labels...); value != nil {
			found[m.name] = *value * m.scale
		}
	}
	return found
}

// get is null for what is not known, and for what is infinite.
func (n numbers) get(name string) *float64 {
	value, known := n[name]
	if !known || math.IsInf(value, 0) {
		return nil
	}
	return &value
}

// seconds is get for what may be infinite.
func (n numbers) seconds(name string) *api.Seconds {
	value, known := n[name]
	if !known {
		return nil
	}
	return new(api.Seconds(value))
}

// below is whether a number is under its target; null while there is none.
func (n numbers) below(name string, target float64) *bool {
	value, known := n[name]
	if !known {
		return nil
	}
	return new(value < target)
}

// now asks for what the measures are now.
func (v *Views) now(ctx context.Context, ms measures) (numbers, time.Time, error) {
	snapshot, err := v.prom.Now(ctx, ms.queries()...)
	if err != nil {
		return nil, time.Time{}, err
	}
	return ms.in(snapshot), snapshot.At, nil
}

// history asks for what the measures were. It is nil when nobody wants to know.
func (v *Views) history(ctx context.Context, long time.Duration, ms measures) (*api.History, error) {
	if long == 0 {
		return nil, nil //nolint:nilnil // null in the answer
	}
	past, err := v.prom.Past(ctx, prom.SpanUntil(time.Now(), long), ms.queries()...)
	if err != nil {
		return nil, err
	}
	history := &api.History{StepSec: past.Span.Step.Seconds(), Times: []float64{}, Series: make([]api.Series, len(ms))}
	for _, at := range past.Span.Times() {
		history.Times = append(history.Times, float64(at.Unix()))
	}
	for i, m := range ms {
		history.Series[i] = api.Series{Name: m.name, Of: m.of(), Values: past.Values(m.query, m.scale, m.labels...)}
	}
	return history, nil
}
