package observability

import (
	"cmp"

	"deals.example/internal/settings"
)

// Config holds the telemetry settings of every component. The OTEL_ names have OpenTelemetry's meaning. Its SDK reads further ones, such
// as OTEL_BSP_* and OTEL_EXPORTER_OTLP_HEADERS.
type Config struct {
	LogLevel string

	OTLPEndpoint   string
	TracesEndpoint string
	LogsEndpoint   string
	Sampler        string
	SamplerArg     float64
	Disabled       bool

	PyroscopeURL string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Text(&c.LogLevel, "LOG_LEVEL", "info").OneOf("debug", "info", "warn", "error").Help("least level of the log lines written")
	s.URL(&c.OTLPEndpoint, "OTEL_EXPORTER_OTLP_ENDPOINT", "").
		Help("OTLP gRPC receiver of traces, such as http://127.0.0.1:4317; empty: no traces are sent")
	s.URL(&c.TracesEndpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").Help("the same, for traces only; wins over the one above")
	s.URL(&c.LogsEndpoint, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "").
		Help("OTLP HTTP receiver of logs with its path, such as http://127.0.0.1:3110/otlp/v1/logs; empty: logs go to standard output only")
	s.Text(&c.Sampler, "OTEL_TRACES_SAMPLER", "parentbased_ratelimiting").OneOf("always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio", "parentbased_ratelimiting").
		Help("which traces are recorded")
	s.Float(&c.SamplerArg, "OTEL_TRACES_SAMPLER_ARG", 10).Between(0, 10_000).
		Help("traces that the ratelimiting sampler records a second in each process; of a traceidratio sampler the share, 1 being all")
	s.Bool(&c.Disabled, "OTEL_SDK_DISABLED", false).Help("true sends neither traces nor logs")
	s.URL(&c.PyroscopeURL, "PYROSCOPE_URL", "").Help("Pyroscope server that profiles are pushed to; empty: none are taken")
}

func (c Config) traces() string {
	if c.Disabled {
		return ""
	}
	return cmp.Or(c.TracesEndpoint, c.OTLPEndpoint)
}

func (c Config) logs() string {
	if c.Disabled {
		return ""
	}
	return c.LogsEndpoint
}
