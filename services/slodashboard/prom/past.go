package prom

import (
	"context"
	"fmt"
	"math"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"deals.example/internal/platform"
)

const points = 180 // approximate number per series

// Span is a range of evenly spaced times, both ends included.
type Span struct {
	From, To time.Time
	Step     time.Duration
}

// SpanUntil returns the span of the given length that ends at now, aligned to its step so that concurrent requests share an answer.
func SpanUntil(now time.Time, long time.Duration) Span {
	step := max(platform.ScrapeInterval, (long / points).Round(time.Second))
	to := now.Truncate(step)
	return Span{From: to.Add(-long.Truncate(step)), To: to, Step: step}
}

// Times returns the times of the span.
func (s Span) Times() []time.Time {
	var times []time.Time
	for at := s.From; !at.After(s.To); at = at.Add(s.Step) {
		times = append(times, at)
	}
	return times
}

// Past holds the answers to several queries over a span.
type Past struct {
	Span    Span
	answers map[Query]model.Matrix
}

// Past evaluates queries over a span. Its errors are those of Now.
func (c *Client) Past(ctx context.Context, span Span, queries ...Query) (Past, error) {
	answers, err := each(ctx, queries, func(ctx context.Context, q Query) (model.Matrix, error) { return c.matrix(ctx, q, span) })
	return Past{Span: span, answers: answers}, err
}

func (c *Client) matrix(ctx context.Context, q Query, span Span) (model.Matrix, error) {
	// The window of a rate is at least the step, so that no sample is skipped.
	asked := question{expr: q.expand(max(window, span.Step), span.Step), span: span}
	answer, err := c.queries.get(ctx, asked, func(ctx context.Context) (model.Value, error) {
		return ask(ctx, c, func(ctx context.Context) (model.Value, error) {
			value, _, _, err := c.api.QueryRange(ctx, asked.expr, v1.Range{Start: span.From, End: span.To, Step: span.Step}, v1.WithTimeout(c.timeout))
			return value, err
		})
	})
	if err != nil {
		return nil, err
	}
	matrix, ok := answer.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("query %q: got a %s, want a matrix", q, answer.Type())
	}
	return matrix, nil
}

// Values returns one value per time of the span, from the first series with the given labels. Missing and infinite values are nil.
func (p Past) Values(q Query, scale float64, labels ...string) []*float64 {
	values := make([]*float64, len(p.Span.Times()))
	for _, series := range p.answers[q] {
		if matches(series.Metric, labels) {
			p.fill(values, series.Values, scale)
			break
		}
	}
	return values
}

// All returns the whole answer to a query.
func (p Past) All(q Query) model.Matrix { return p.answers[q] }

func (p Past) fill(values []*float64, samples []model.SamplePair, scale float64) {
	for _, sample := range samples {
		i := int(sample.Timestamp.Time().Sub(p.Span.From) / p.Span.Step)
		value := float64(sample.Value) * scale
		if i >= 0 && i < len(values) && !math.IsNaN(value) && !math.IsInf(value, 0) {
			values[i] = &value
		}
	}
}
