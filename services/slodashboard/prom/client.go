// Package prom asks Prometheus on behalf of the dashboard's viewers: all PromQL of the dashboard is in queries.go, and however many pages are
// open, each query is asked once a second at most.
package prom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"deals.example/internal/settings"
	"deals.example/slo/indicators"
)

const (
	window = indicators.Window

	maxInFlight = 8       // queries that Prometheus works on at once
	maxAnswer   = 8 << 20 // bytes of an answer
	remembered  = 256     // answers: a few seconds' worth of every view
)

// Config says where Prometheus is, and how long it may take.
type Config struct {
	URL     string
	Timeout time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.URL(&c.URL, "PROMETHEUS_URL", "http://127.0.0.1:9090").Help("Prometheus, of whose HTTP API every number of the page comes")
	s.Duration(&c.Timeout, "PROMETHEUS_TIMEOUT", 2*time.Second).Between(100*time.Millisecond, 30*time.Second).
		Help("how long a query may take; after that the page says since when its numbers are old")
}

// Client asks Prometheus. It may be used concurrently.
type Client struct {
	api     v1.API
	timeout time.Duration
	slots   chan struct{}
	health  health
	queries *recent[question, model.Value]
	alerts  *recent[int64, []v1.Alert]
}

// question is what is asked once: a query as of a moment, or over a span.
type question struct {
	expr string
	at   int64 // Unix seconds
	span Span
}

// New returns a client that uses transport, which it shares and does not close.
func New(cfg Config, transport http.RoundTripper) (*Client, error) {
	client, err := api.NewClient(api.Config{Address: cfg.URL, RoundTripper: bounded{transport}})
	if err != nil {
		return nil, fmt.Errorf("PROMETHEUS_URL: %w", err)
	}
	c := &Client{
		api: v1.NewAPI(client), timeout: cfg.Timeout, slots: make(chan struct{}, maxInFlight), health: newHealth(time.Now()),
	}
	c.queries = newRecent[question, model.Value](remembered, cfg.Timeout)
	c.alerts = newRecent[int64, []v1.Alert](2, cfg.Timeout)
	return c, nil
}

// Close waits for the queries in flight, which is not longer than their timeout. Nothing may be asked after it.
func (c *Client) Close() {
	c.queries.flights.Wait()
	c.alerts.flights.Wait()
}

// Health is how Prometheus was when it was asked last.
func (c *Client) Health() Health { return c.health.now() }

// Alerts lists what is pending or firing. The error is as that of Now.
func (c *Client) Alerts(ctx context.Context) ([]v1.Alert, error) {
	return c.alerts.get(ctx, time.Now().Unix(), func(ctx context.Context) ([]v1.Alert, error) {
		return ask(ctx, c, func(ctx context.Context) ([]v1.Alert, error) {
			answer, err := c.api.Alerts(ctx)
			return answer.Alerts, err
		})
	})
}

// ask has one question answered, when there is a slot for it, and notes how Prometheus is.
func ask[T any](ctx context.Context, c *Client, one func(context.Context) (T, error)) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return answer, c.health.lost(errTimeout)
	}
	answer, err = one(ctx)
	switch {
	case err == nil, refused(err):
		c.health.answered(time.Now())
		return answer, err
	case ctx.Err() != nil:
		return answer, c.health.lost(errTimeout)
	default:
		return answer, c.health.lost(err)
	}
}

var errTimeout = errors.New("no answer in time")

// refused reports whether Prometheus is well and the query is not.
func refused(err error) bool {
	said, ok := errors.AsType[*v1.Error](err)
	return ok && (said.Type == v1.ErrBadData || said.Type == v1.ErrExec)
}

// expand puts the span of rates into a query.
func (q Query) expand(span time.Duration) string {
	return strings.ReplaceAll(string(q), "$window", model.Duration(span).String())
}

// bounded keeps an answer from filling the memory.
type bounded struct {
	http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	return response, nil
}
