// Package prom queries Prometheus for the dashboard. All PromQL is in queries.go. Each query is sent at most once per second, however many
// pages are open.
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

	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/slo/indicators"
)

const (
	window = indicators.Window

	maxInFlight = 8       // concurrent queries
	maxAnswer   = 8 << 20 // bytes per response
	remembered  = 256     // cached answers: a few seconds of every view
)

// Config holds the URL of Prometheus and the query timeout.
type Config struct {
	URL     string
	Timeout time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.PartURL(&c.URL, platform.Prometheus).Help("Prometheus, of whose HTTP API every number of the page comes")
	s.Duration(&c.Timeout, "PROMETHEUS_TIMEOUT", 5*time.Second).Between(100*time.Millisecond, 30*time.Second).
		Help("how long a query may take, including its wait for others; then the page keeps its last numbers and says from when they are")
}

// Client queries Prometheus. It may be used concurrently.
type Client struct {
	api     v1.API
	timeout time.Duration
	slots   chan struct{}
	health  health
	queries *recent[question, model.Value]
	alerts  *recent[int64, []v1.Alert]
}

// question is the cache key of a query at a time or over a span.
type question struct {
	expr string
	at   int64 // Unix seconds
	span Span
}

// New returns a client that uses transport. It does not close transport.
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

// Close waits for the queries in flight, at most for their timeout. The client must not be used afterwards.
func (c *Client) Close() {
	c.queries.flights.Wait()
	c.alerts.flights.Wait()
}

// Health returns the state of Prometheus at the last query.
func (c *Client) Health() Health { return c.health.now() }

// Alerts returns the pending and firing alerts. Its errors are those of Now.
func (c *Client) Alerts(ctx context.Context) ([]v1.Alert, error) {
	return c.alerts.get(ctx, time.Now().Unix(), func(ctx context.Context) ([]v1.Alert, error) {
		return ask(ctx, c, func(ctx context.Context) ([]v1.Alert, error) {
			answer, err := c.api.Alerts(ctx)
			return answer.Alerts, err
		})
	})
}

// ask sends one query once a slot is free, and records the health of Prometheus.
func ask[T any](ctx context.Context, c *Client, one func(context.Context) (T, error)) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return answer, c.health.lost(fmt.Errorf("no answer within %s", c.timeout))
	}
	answer, err = one(ctx)
	switch {
	case err == nil, refused(err):
		c.health.answered(time.Now())
		return answer, err
	case ctx.Err() != nil:
		return answer, c.health.lost(fmt.Errorf("no answer within %s", c.timeout))
	default:
		return answer, c.health.lost(err)
	}
}

// refused reports whether Prometheus rejected the query.
func refused(err error) bool {
	said, ok := errors.AsType[*v1.Error](err)
	return ok && (said.Type == v1.ErrBadData || said.Type == v1.ErrExec)
}

// expand replaces $window and $step.
func (q Query) expand(window, step time.Duration) string {
	return strings.NewReplacer("$window", model.Duration(window).String(), "$step", model.Duration(step).String()).Replace(string(q))
}

// bounded limits the size of responses.
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
