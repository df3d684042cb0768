package ratinglb

import "time"

// Config holds the load balancer's settings.
type Config struct {
	Targets []string `env:"LB_TARGETS" envDefault:"http://127.0.0.1:3004,http://127.0.0.1:3006" validate:"min=1,max=64,unique,dive,http_url" help:"base URLs of the rating replicas"`

	// A caller waits 800 ms. Half of this is enough for a first attempt, as the slowest answer of a replica that is well takes 320 ms.
	Timeout time.Duration `env:"LB_TIMEOUT" envDefault:"760ms" validate:"min=2ms,max=30s" help:"time for one lookup, its fallback included; should be below the caller's UPSTREAM_TIMEOUT"`

	HealthInterval time.Duration `env:"LB_HEALTH_INTERVAL" envDefault:"500ms" validate:"min=10ms,max=1m" help:"time between two active health checks of a replica; below its DRAIN_GRACE, a restart is noticed in time"`
	HealthTimeout  time.Duration `env:"LB_HEALTH_TIMEOUT" envDefault:"500ms" validate:"min=1ms,max=30s" help:"timeout of an active health check"`

	EjectAfter int           `env:"LB_EJECT_AFTER" envDefault:"3" validate:"min=1,max=1000" help:"failures in a row after which a replica is ejected"`
	EjectFor   time.Duration `env:"LB_EJECT_FOR" envDefault:"5s" validate:"min=10ms,max=10m" help:"how long an ejected replica rests before a passed health check brings it back"`
}
