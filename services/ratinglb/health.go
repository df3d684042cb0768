package ratinglb

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Paths of health checks. Both are readiness, since a draining replica should get no more lookups.
const (
	shallowPath = "/readyz"      // of the replica itself
	deepPath    = "/readyz/deep" // and of the Redis that all replicas share
)

// Run checks all replicas immediately and then every HealthInterval, until ctx ends.
func (b *Balancer) Run(ctx context.Context) error {
	ticker := time.NewTicker(b.cfg.HealthInterval)
	defer ticker.Stop()
	for {
		b.checkAll(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (b *Balancer) checkAll(ctx context.Context) {
	var checks sync.WaitGroup
	for _, t := range b.targets {
		checks.Go(func() { b.check(ctx, t) })
	}
	checks.Wait()
}

func (b *Balancer) check(ctx context.Context, t *target) {
	bounded, cancel := context.WithTimeout(ctx, b.cfg.HealthTimeout)
	defer cancel()
	err := t.endpoint.Probe(bounded, b.healthPath())
	if ctx.Err() != nil {
		return // shutting down, not a failure of the replica
	}
	b.mu.Lock()
	before := t.healthy()
	t.checked(time.Now(), err)
	after := t.healthy()
	b.mu.Unlock()
	switch {
	case after && !before:
		b.logger.InfoContext(ctx, "replica is healthy", slog.String("target", t.name))
	case before && !after:
		b.logger.WarnContext(ctx, "replica is unhealthy", slog.String("target", t.name), slog.Any("error", err))
	}
}

func (b *Balancer) healthPath() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deep {
		return deepPath
	}
	return shallowPath
}
