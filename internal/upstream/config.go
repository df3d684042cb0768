package upstream

import (
	"errors"
	"time"
)

// Config holds the settings of a Pool. A zero RetryRatio turns retries off, a zero BreakerFailureRate the breakers.
type Config struct {
	Timeout time.Duration `env:"UPSTREAM_TIMEOUT" envDefault:"800ms" validate:"min=1ms,max=30s" help:"timeout of one upstream attempt, body included"`
	FanOut  int           `env:"ENRICHMENT_CONCURRENCY" envDefault:"30" validate:"min=1,max=10000" help:"upstream attempts at a time, over all requests of the process"`

	RetryRatio float64 `env:"UPSTREAM_RETRY_RATIO" envDefault:"0.2" validate:"min=0,max=1" help:"retries per call that the budget allows; 0 turns retries off"`

	BreakerFailureRate float64       `env:"UPSTREAM_BREAKER_FAILURE_RATE" envDefault:"0.5" validate:"min=0,max=1" help:"share of failed attempts that opens an upstream's breaker; 0 turns breakers off"`
	BreakerMinCalls    int           `env:"UPSTREAM_BREAKER_MIN_CALLS" envDefault:"20" validate:"min=1,max=100000" help:"attempts within the window before the failure rate counts"`
	BreakerWindow      time.Duration `env:"UPSTREAM_BREAKER_WINDOW" envDefault:"10s" validate:"min=100ms,max=10m" help:"window over which the failure rate is taken"`
	BreakerOpenFor     time.Duration `env:"UPSTREAM_BREAKER_OPEN_FOR" envDefault:"2s" validate:"min=10ms,max=5m" help:"how long an open breaker refuses calls before it lets trials through"`
	BreakerTrials      int           `env:"UPSTREAM_BREAKER_TRIALS" envDefault:"3" validate:"min=1,max=1000" help:"trials in a row that must succeed to close a half-open breaker"`
}

// check guards against a Config that did not come through package settings.
func (c Config) check() error {
	switch {
	case c.Timeout <= 0:
		return errors.New("upstream: Timeout must be positive")
	case c.FanOut <= 0:
		return errors.New("upstream: FanOut must be positive")
	case c.RetryRatio < 0 || c.RetryRatio > 1:
		return errors.New("upstream: RetryRatio must be within 0 and 1")
	case c.BreakerFailureRate < 0 || c.BreakerFailureRate > 1:
		return errors.New("upstream: BreakerFailureRate must be within 0 and 1")
	case c.BreakerFailureRate > 0 && (c.BreakerMinCalls <= 0 || c.BreakerWindow <= 0 || c.BreakerOpenFor <= 0 || c.BreakerTrials <= 0):
		return errors.New("upstream: a breaker needs BreakerMinCalls, BreakerWindow, BreakerOpenFor and BreakerTrials")
	}
	return nil
}
