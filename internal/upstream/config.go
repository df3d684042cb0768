package upstream

import (
	"errors"
	"time"

	"deals.example/internal/limiter"
	"deals.example/internal/settings"
)

// Config holds the settings of a Pool. A zero RetryRatio turns retries off, a zero BreakerFailureRate the breakers; when they are switched on,
// they have the defaults.
type Config struct {
	Timeout time.Duration

	Limit       limiter.Kind
	StaticLimit int
	MaxLimit    int

	RetryRatio float64

	BreakerFailureRate float64
	BreakerMinCalls    int
	BreakerWindow      time.Duration
	BreakerOpenFor     time.Duration
	BreakerTrials      int
}

// Defaults, also for what a setting of 0 has turned off at the start.
const (
	defaultRetryRatio  = 0.2
	defaultFailureRate = 0.5
)

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.Timeout, "UPSTREAM_TIMEOUT", 800*time.Millisecond).Between(time.Millisecond, 30*time.Second).
		Help("timeout of one upstream attempt, body included")
	s.Text((*string)(&c.Limit), "UPSTREAM_LIMIT", string(limiter.Adaptive)).OneOf(limiter.Names()...).
		Help("what bounds the attempts in flight at each upstream: the load that it reports, its latency, a constant, or nothing")
	s.Int(&c.StaticLimit, "ENRICHMENT_CONCURRENCY", 8).Between(1, MaxStaticLimit).
		Help("attempts in flight at each upstream with UPSTREAM_LIMIT=static")
	s.Int(&c.MaxLimit, "UPSTREAM_LIMIT_MAX", 1000).Between(initialLimit, 100_000).
		Help("maximum of the limits that adapt")
	s.Float(&c.RetryRatio, "UPSTREAM_RETRY_RATIO", defaultRetryRatio).Between(0, 1).
		Help("retries per call that the budget allows; 0 turns retries off")
	s.Float(&c.BreakerFailureRate, "UPSTREAM_BREAKER_FAILURE_RATE", defaultFailureRate).Between(0, 1).
		Help("share of failed attempts that opens an upstream's breaker; 0 turns breakers off")
	s.Int(&c.BreakerMinCalls, "UPSTREAM_BREAKER_MIN_CALLS", 20).Between(1, 100_000).
		Help("attempts within the window before the failure rate counts")
	s.Duration(&c.BreakerWindow, "UPSTREAM_BREAKER_WINDOW", 10*time.Second).Between(100*time.Millisecond, 10*time.Minute).
		Help("window over which the failure rate is taken")
	s.Duration(&c.BreakerOpenFor, "UPSTREAM_BREAKER_OPEN_FOR", 2*time.Second).Between(10*time.Millisecond, 5*time.Minute).
		Help("how long an open breaker refuses calls before it lets trials through")
	s.Int(&c.BreakerTrials, "UPSTREAM_BREAKER_TRIALS", 3).Between(1, 1000).
		Help("trials in a row that must succeed to close a half-open breaker")
}

// check guards against a Config that did not come through package settings.
func (c Config) check() error {
	switch {
	case c.Timeout <= 0:
		return errors.New("upstream: Timeout must be positive")
	case c.RetryRatio < 0 || c.RetryRatio > 1:
		return errors.New("upstream: RetryRatio must be within 0 and 1")
	case c.BreakerFailureRate < 0 || c.BreakerFailureRate > 1:
		return errors.New("upstream: BreakerFailureRate must be within 0 and 1")
	case c.BreakerMinCalls <= 0 || c.BreakerWindow <= 0 || c.BreakerOpenFor <= 0 || c.BreakerTrials <= 0:
		return errors.New("upstream: a breaker needs BreakerMinCalls, BreakerWindow, BreakerOpenFor and BreakerTrials")
	}
	return c.limits().Check()
}

// MaxStaticLimit is the greatest constant that a limit can be.
const MaxStaticLimit = 10_000

const (
	minLimit     = 4    // of the limits that adapt
	initialLimit = 20   // where they start
	maxWaiting   = 4096 // calls that wait for the limit of an upstream; more are refused
	maxIdle      = 256  // idle connections to each upstream
)

func (c Config) limits() limiter.Config {
	return limiter.Config{
		Kind: c.Limit, Static: c.StaticLimit, Min: minLimit, Max: c.MaxLimit, Initial: initialLimit, Queue: maxWaiting,
	}
}
