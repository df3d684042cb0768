// Package probe asks the experience API for a list and a detail as a client outside would, and measures what it gets. Its metrics are named as
// those of Prometheus' blackbox_exporter.
package probe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/correlation"
	"deals.example/internal/dealid"
	"deals.example/internal/settings"
)

// UserAgent and the beginning of the correlation id tell probes from other requests.
const UserAgent = "deals-probe"

// timeout is how long a client waits. It is longer than REQUEST_TIMEOUT, so that an answer that the API still gives counts.
const timeout = 5 * time.Second

// Config holds the settings of a Prober.
type Config struct {
	Interval time.Duration // between two probes of a route; 0 turns them off
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.Interval, "PROBE_INTERVAL", 5*time.Second).Between(0, time.Minute).
		Help("time between two probes of the experience API, which measure what clients get; 0: none")
}

// Prober sends the probes.
type Prober struct {
	interval time.Duration
	target   string
	client   *http.Client
	total    *prometheus.CounterVec
	success  *prometheus.GaugeVec
	duration *prometheus.GaugeVec
}

// New returns a prober of the API at target, a base URL without a slash at its end.
func New(cfg Config, target string, reg prometheus.Registerer) *Prober {
	labels := []string{"route"}
	return &Prober{
		interval: cfg.Interval, target: target,
		// Each probe connects anew, as a new visitor does.
		client: &http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true}},
		total: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
			Name: "probe_requests_total", Help: "Probes of the experience API that have ended.",
		}, labels),
		success: promauto.With(reg).NewGaugeVec(prometheus.GaugeOpts{
			Name: "probe_success", Help: "1 if the last probe was answered with 200 in time, else 0.",
		}, labels),
		duration: promauto.With(reg).NewGaugeVec(prometheus.GaugeOpts{
			Name: "probe_duration_seconds", Help: "How long the last probe took, from connecting to the end of the answer.",
		}, labels),
	}
}

// Run probes until ctx ends. It returns at once if probes are turned off.
func (p *Prober) Run(ctx context.Context) error {
	if p.interval == 0 {
		return nil
	}
	ticker := time.NewTicker(p.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			p.all(ctx)
		}
	}
}

// all probes each route once, at the same time.
func (p *Prober) all(ctx context.Context) {
	var probes sync.WaitGroup
	for route, path := range map[string]string{"/api/deals": "/api/deals", "/api/deals/:id": "/api/deals/" + dealid.Of(1)} {
		probes.Go(func() { p.one(ctx, route, path) })
	}
	probes.Wait()
}

func (p *Prober) one(ctx context.Context, route, path string) {
	began := time.Now()
	err := p.get(ctx, path)
	if ctx.Err() != nil {
		return // it was ended by the shutdown
	}
	p.duration.WithLabelValues(route).Set(time.Since(began).Seconds())
	success := 1.0
	if err != nil {
		success = 0
	}
	p.success.WithLabelValues(route).Set(success)
	p.total.WithLabelValues(route).Inc()
}

func (p *Prober) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.target+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("probe %s: %w", path, err)
	}
	request.Header.Set("User-Agent", UserAgent)
	request.Header.Set(correlation.Header, "probe-"+correlation.New())
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("read the answer to %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("probe %s: got status %d, want 200", path, response.StatusCode)
	}
	return nil
}
