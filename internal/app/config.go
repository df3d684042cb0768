package app

import (
	"net"
	"time"

	"deals.example/internal/httpguard"
	"deals.example/internal/settings"
	"deals.example/observability"
)

const (
	portVariable     = "PORT"
	instanceVariable = "INSTANCE_ID"
)

// Config is the part of the settings that every component has.
type Config struct {
	Host       string
	Port       int
	InstanceID string

	Access httpguard.Config

	MaxConnections int

	GCPercent int

	DrainGrace   time.Duration
	DrainTimeout time.Duration

	AccessLogSample int
	AccessLogSlow   time.Duration

	Telemetry observability.Config
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Text(&c.Host, "HOST", "127.0.0.1").Where("an IP address or a host name", isHost).Help("address to listen on")
	s.Int(&c.Port, "PORT", 0).Between(0, 65_535).Help("port to listen on; 0 takes a free one and logs it")
	s.Text(&c.InstanceID, "INSTANCE_ID", "").Sized(1, 128).Help("name of this replica in metrics, traces and logs")
	c.Access.Declare(s)
	s.Int(&c.MaxConnections, "MAX_CONNECTIONS", 4096).Between(1, 100_000).
		Help("maximum of open connections; at the limit a new one replaces the one that waited longest for its client")
	s.Int(&c.GCPercent, "GOGC", 50).Between(10, 10_000).
		Help("growth of the heap, in percent, at which garbage is collected; more takes less CPU time and more memory")
	s.Duration(&c.DrainGrace, "DRAIN_GRACE", time.Second).Between(0, 60*time.Second).
		Help("how long requests are still taken after /readyz has turned to 503, for load balancers to notice")
	s.Duration(&c.DrainTimeout, "DRAIN_TIMEOUT", 10*time.Second).Between(100*time.Millisecond, 120*time.Second).
		Help("how long what is in flight may take to finish at the end")
	s.Int(&c.AccessLogSample, "ACCESS_LOG_SAMPLE", 100).Between(1, 1_000_000).
		Help("one request in this many is logged; errors and slow ones always are")
	s.Duration(&c.AccessLogSlow, "ACCESS_LOG_SLOW", time.Second).Between(time.Millisecond, 60*time.Second).
		Help("a request that takes this long is slow; one with a recorded trace is slow from 300ms, the latency objective")
	c.Telemetry.Declare(s)
}

func isHost(text string) bool { return net.ParseIP(text) != nil || settings.IsHostName(text) }
