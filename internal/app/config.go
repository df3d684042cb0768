package app

import (
	"time"

	"deals.example/observability"
)

const (
	portVariable     = "PORT"
	instanceVariable = "INSTANCE_ID"
)

// Config is the part of the settings that every component has.
type Config struct {
	Host       string `env:"HOST" envDefault:"127.0.0.1" validate:"ip|hostname" allowed:"IP address or host name" help:"address to listen on"`
	Port       int    `env:"PORT" validate:"min=0,max=65535" help:"port to listen on; 0 takes a free one and logs it"`
	InstanceID string `env:"INSTANCE_ID" validate:"max=128" help:"name of this replica in metrics, traces and logs"`

	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"4096" validate:"min=1,max=100000" help:"connections served at once; more wait to be accepted"`

	DrainGrace   time.Duration `env:"DRAIN_GRACE" envDefault:"1s" validate:"min=0s,max=60s" help:"how long requests are still taken after /readyz has turned to 503, for load balancers to notice"`
	DrainTimeout time.Duration `env:"DRAIN_TIMEOUT" envDefault:"10s" validate:"min=100ms,max=120s" help:"how long what is in flight may take to finish at the end"`

	AccessLogSample int           `env:"ACCESS_LOG_SAMPLE" envDefault:"100" validate:"min=1,max=1000000" help:"one request in this many is logged; errors and slow ones always are"`
	AccessLogSlow   time.Duration `env:"ACCESS_LOG_SLOW" envDefault:"1s" validate:"min=1ms,max=60s" help:"a request that takes this long is slow"`

	Telemetry observability.Config
}
