package ratinglb

import (
	"time"

	"deals.example/internal/platform"
	"deals.example/internal/settings"
)

// Config holds the load balancer's settings.
type Config struct {
	Targets []string

	// A caller waits 800 ms. Half of this is enough for a first attempt, as the slowest answer of a replica that is well takes 320 ms.
	Timeout time.Duration

	HealthInterval time.Duration
	HealthTimeout  time.Duration

	EjectAfter int
	EjectFor   time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.ReplicaURLs(&c.Targets, platform.RatingService, "base URLs of the rating replicas")
	s.Duration(&c.Timeout, "LB_TIMEOUT", 760*time.Millisecond).Between(2*time.Millisecond, 30*time.Second).
		Help("time for one lookup, its fallback included; should be below the caller's UPSTREAM_TIMEOUT")
	s.Duration(&c.HealthInterval, "LB_HEALTH_INTERVAL", 500*time.Millisecond).Between(10*time.Millisecond, time.Minute).
		Help("time between two active health checks of a replica; below its DRAIN_GRACE, a restart is noticed in time")
	s.Duration(&c.HealthTimeout, "LB_HEALTH_TIMEOUT", 500*time.Millisecond).Between(time.Millisecond, 30*time.Second).
		Help("timeout of an active health check")
	s.Int(&c.EjectAfter, "LB_EJECT_AFTER", 3).Between(1, 1000).Help("failures in a row after which a replica is ejected")
	s.Duration(&c.EjectFor, "LB_EJECT_FOR", 5*time.Second).Between(10*time.Millisecond, 10*time.Minute).
		Help("how long an ejected replica rests before a passed health check brings it back")
}
