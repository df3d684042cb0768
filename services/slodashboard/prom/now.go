package prom

import (
	"context"
	"fmt"
	"math"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"deals.example/internal/platform"
)

// Snapshot holds the answers to several queries at the same time.
type Snapshot struct {
	At      time.Time
	answers map[Query]model.Vector
}

// Now evaluates queries at the current second. It returns an *Unavailable if Prometheus did not answer in time, and ctx's error if ctx ends.
func (c *Client) Now(ctx context.Context, queries ...Query) (Snapshot, error) {
	return c.At(ctx, time.Now().Truncate(time.Second), queries...)
}

// At evaluates queries at a given time. Answers are cached by time, so at should be in the past.
func (c *Client) At(ctx context.Context, at time.Time, queries ...Query) (Snapshot, error) {
	answers, err := each(ctx, queries, func(ctx context.Context, q Query) (model.Vector, error) { return c.vector(ctx, q, at) })
	return Snapshot{At: at, answers: answers}, err
}

// each runs all queries concurrently.
func each[T any](ctx context.Context, queries []Query, one func(context.Context, Query) (T, error)) (map[Query]T, error) {
	answers := make([]T, len(queries))
	group, ctx := errgroup.WithContext(ctx)
	for i, q := range queries {
		group.Go(func() (err error) {
			answers[i], err = one(ctx, q)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	byQuery := make(map[Query]T, len(queries))
	for i, q := range queries {
		byQuery[q] = answers[i]
	}
	return byQuery, nil
}

func (c *Client) vector(ctx context.Context, q Query, at time.Time) (model.Vector, error) {
	asked := question{expr: q.expand(window, platform.ScrapeInterval), at: at.Unix()}
	answer, err := c.queries.get(ctx, asked, func(ctx context.Context) (model.Value, error) {
		return ask(ctx, c, func(ctx context.Context) (model.Value, error) {
			value, _, _, err := c.api.Query(ctx, asked.expr, at, v1.WithTimeout(c.timeout))
			return value, err
		})
	})
	if err != nil {
		return nil, err
	}
	switch value := answer.(type) {
	case model.Vector:
		return value, nil
	case *model.Scalar:
		return model.Vector{{Metric: model.Metric{}, Value: value.Value, Timestamp: value.Timestamp}}, nil
	default:
		return nil, fmt.Errorf("query %q: got a %s, want a vector or a scalar", q, answer.Type())
	}
}

// Value returns the first value of a query whose series has the given labels: names and values in turn. It returns nil if there is none, or
// if it is not finite.
func (s Snapshot) Value(q Query, labels ...string) *float64 {
	value := s.ValueOrInf(q, labels...)
	if value == nil || math.IsInf(*value, 0) {
		return nil
	}
	return value
}

// ValueOrInf is like Value but also returns infinite values.
func (s Snapshot) ValueOrInf(q Query, labels ...string) *float64 {
	for _, sample := range s.answers[q] {
		value := float64(sample.Value)
		if matches(sample.Metric, labels) && !math.IsNaN(value) {
			return &value
		}
	}
	return nil
}

// All returns the whole answer to a query.
func (s Snapshot) All(q Query) model.Vector { return s.answers[q] }

func matches(metric model.Metric, labels []string) bool {
	for i := 0; i+1 < len(labels); i += 2 {
		if string(metric[model.LabelName(labels[i])]) != labels[i+1] {
			return false
		}
	}
	return true
}
