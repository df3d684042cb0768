// Package ratinglb is the load balancer of the rating replicas. It selects healthy replicas round robin or by their load, checks their
// health actively, ejects a replica after several consecutive failures, and falls back to another replica if an attempt fails. It does not
// retry; its callers do.
package ratinglb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"deals.example/internal/orca"
	"deals.example/internal/upstream"
)

// service is the name of the replicated service.
const service = "rating-service"

var errNoHealthy = errors.New("no replica is healthy")

// errBusy says that a replica refused a lookup because it has too many.
var errBusy = errors.New("overloaded")

// Answer is the response of a replica: a 200 with its body, or a 404.
type Answer struct {
	Target string // the replica tried last, also set with an error
	Status int
	Body   []byte
	Load   float64 // utilization that the replica reported, 0 when it did not
}

// Balancer distributes lookups over the replicas. It may be used concurrently.
type Balancer struct {
	cfg     Config
	logger  *slog.Logger
	metrics *metrics

	mu        sync.Mutex // guards all below, and the state of the targets
	balancing string     // an option of the control
	ejects    bool       // whether failures eject a replica
	deep      bool       // whether health checks are deep
	closed    bool       // whether lookups are refused while no replica is healthy
	turn      int
	targets   []*target
}

// New returns a balancer over the targets of cfg, which it calls through deps.Transport. A target is unhealthy until Run has checked it.
func New(cfg Config, deps upstream.Deps) (*Balancer, error) {
	if len(cfg.Targets) == 0 || cfg.HealthInterval <= 0 || cfg.EjectAfter <= 0 {
		return nil, errors.New("rating-lb: Targets, HealthInterval and EjectAfter are required")
	}
	b := &Balancer{cfg: cfg, logger: deps.Logger, metrics: newMetrics(deps.Registry), balancing: roundRobin, ejects: true}
	if b.logger == nil {
		b.logger = slog.New(slog.DiscardHandler)
	}
	for _, url := range cfg.Targets {
		t, err := newTarget(url, cfg, deps)
		if err != nil {
			return nil, fmt.Errorf("LB_TARGETS: %w", err)
		}
		if slices.ContainsFunc(b.targets, func(other *target) bool { return other.name == t.name }) {
			return nil, fmt.Errorf("LB_TARGETS: duplicate target %s", t.name)
		}
		b.targets = append(b.targets, t)
		b.metrics.register(t.name, func() bool { return b.isHealthy(t) })
	}
	return b, nil
}

// Rating asks a healthy replica for the rating of a deal, whose id the caller has validated, and another one when the first
// fails. With no healthy replica it tries one nevertheless, unless it fails closed: the checks may be wrong, and there is nothing to lose.
// The error is that of the last attempt; it wraps context.Canceled when the caller is gone.
func (b *Balancer) Rating(ctx context.Context, dealID string) (Answer, error) {
	path, deadline := "/rating/"+dealID, time.Now().Add(b.cfg.Timeout)
	first, second := b.pick()
	if first == nil {
		return Answer{}, errNoHealthy
	}
	if second == nil {
		return b.try(ctx, deadline, first, path)
	}
	answer, err := b.try(ctx, deadline.Add(-b.cfg.Timeout/2), first, path)
	if err == nil || ctx.Err() != nil {
		return answer, err
	}
	b.metrics.fallbacks.Inc()
	return b.try(ctx, deadline, second, path)
}

// Healthy returns an error when no replica is healthy.
func (b *Balancer) Healthy(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.healthy(nil)) == 0 {
		return errNoHealthy
	}
	return nil
}

// pick chooses a replica and its fallback, both healthy ones. The fallback does not use up a turn: were it to,
// every first pick of two would fall on the failing one. It is nil when no other replica is healthy. When none is at all,
// the choice is among all of them, and there is no fallback; first is nil if the balancer fails closed.
func (b *Balancer) pick() (first, fallback *target) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	candidates := b.healthy(nil)
	if len(candidates) == 0 && b.closed {
		return nil, nil
	}
	if len(candidates) == 0 {
		return b.choose(b.targets), nil
	}
	first = b.choose(candidates)
	if others := b.healthy(first); len(others) > 0 {
		fallback = b.choose(others)
	}
	return first, fallback
}

// choose returns one of at least one target. mu is held.
func (b *Balancer) choose(from []*target) *target {
	switch b.balancing {
	case leastRequests:
		return lessLoaded(from)
	case random:
		return from[rand.IntN(len(from))] //nolint:gosec // G404: no secret
	default:
		return from[b.turn%len(from)]
	}
}

// lessLoaded returns the one of two random targets with fewer attempts in flight. With many targets that is nearly as even as the least of
// all, and clients that see the same loads do not all choose the same one (Mitzenmacher, "The Power of Two Choices in Randomized Load
// Balancing", 2001).
func lessLoaded(from []*target) *target {
	n := len(from)
	i := rand.IntN(n)                         //nolint:gosec // G404: no secret
	j := (i + 1 + rand.IntN(max(n-1, 1))) % n //nolint:gosec // G404: no secret
	one, other := from[i], from[j]
	if other.inFlight.Load() < one.inFlight.Load() {
		return other
	}
	return one
}

// healthy lists the healthy targets but one. mu is held.
func (b *Balancer) healthy(but *target) []*target {
	healthy := make([]*target, 0, len(b.targets))
	for _, t := range b.targets {
		if t != but && t.healthy() {
			healthy = append(healthy, t)
		}
	}
	return healthy
}

func (b *Balancer) isHealthy(t *target) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return t.healthy()
}

// try makes one attempt.
func (b *Balancer) try(ctx context.Context, deadline time.Time, t *target, path string) (Answer, error) {
	bounded, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	t.inFlight.Add(1)
	defer t.inFlight.Add(-1)
	started := time.Now()
	response, err := t.endpoint.Get(bounded, path, nil)
	b.metrics.attempt(ctx, t.name, upstream.Status(response, err), time.Since(started))
	answer := Answer{Target: t.name}
	if response != nil {
		answer.Status, answer.Body = response.Status, response.Body
		answer.Load, _ = orca.Get(response.Header)
		if response.Refused() { // it is busy, not broken
			b.record(ctx, t, answer.Status, nil)
			return answer, fmt.Errorf("rating replica %s: %w", t.name, errBusy)
		}
	}
	if err == nil && answer.Status != http.StatusOK && answer.Status != http.StatusNotFound {
		err = fmt.Errorf("status %d", answer.Status)
	}
	if ctx.Err() != nil { // the caller is gone, which is not the replica's fault
		b.record(ctx, t, answer.Status, nil)
		return answer, fmt.Errorf("rating replica %s: %w", t.name, ctx.Err())
	}
	b.record(ctx, t, answer.Status, err)
	if err != nil {
		return answer, fmt.Errorf("rating replica %s: %w", t.name, err)
	}
	return answer, nil
}

// record notes how an attempt ended; err is nil when that says nothing against the replica.
func (b *Balancer) record(ctx context.Context, t *target, status int, err error) {
	b.mu.Lock()
	now := time.Now()
	t.used(now, status, err)
	eject := b.ejects && t.failures >= b.cfg.EjectAfter && t.healthy() && len(b.healthy(t)) > 0 // the last one may fail, but it is all there is
	if eject {
		t.ejectedUntil = now.Add(b.cfg.EjectFor)
	}
	b.mu.Unlock()
	if eject {
		b.metrics.ejections.WithLabelValues(t.name).Inc()
		b.logger.WarnContext(ctx, "replica ejected", slog.String("target", t.name), slog.Any("error", err))
	}
}
