package ratinglb

import "time"

// Config holds the load balancer's settings.
type Config struct {
	Targets []string `env:"LB_TARGETS" envDefault:"http://127.0.0.1:3004,http://127.0.0.1:3006" validate:"min=1,max=64,unique,dive,http_url" help:"base URLs of the rating replicas"`

	// Two attempts, the first and its fallback, fit into the 800 ms that a caller waits; the slowest healthy answer takes 320 ms.
	AttemptTimeout time.Duration `env:"LB_ATTEMPT_TIMEOUT" envDefault:"380ms" validate:"min=1ms,max=30s" help:"timeout of one attempt at a replica; two should fit into the caller's UPSTREAM_TIMEOUT"`

	HealthInterval time.Duration `env:"LB_HEALTH_INTERVAL" envDefault:"500ms" validate:"min=10ms,max=1m" help:"time between two active health checks of a replica; below its DRAIN_GRACE, a restart is noticed in time"`
	HealthTimeout  time.Duration `env:"LB_HEALTH_TIMEOUT" envDefault:"500ms" validate:"min=1ms,max=30s" help:"timeout of an active health check"`

	EjectAfter int           `env:"LB_EJECT_AFTER" envDefault:"3" validate:"min=1,max=1000" help:"failures in a row after which a replica is ejected"`
	EjectFor   time.Duration `env:"LB_EJECT_FOR" envDefault:"5s" validate:"min=10ms,max=10m" help:"how long an ejected replica rests before a passed health check brings it back"`
}
