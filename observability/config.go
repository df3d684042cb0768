package observability

import "cmp"

// Config is the telemetry part of every component's settings. The OTEL_ names and their meaning are OpenTelemetry's; those
// that are not listed here (OTEL_BSP_*, OTEL_EXPORTER_OTLP_HEADERS, ...) are read by its SDK.
type Config struct {
	LogLevel string `env:"LOG_LEVEL" envDefault:"info" validate:"oneof=debug info warn error" help:"least level of the log lines written"`

	OTLPEndpoint   string  `env:"OTEL_EXPORTER_OTLP_ENDPOINT" validate:"omitempty,http_url" help:"OTLP gRPC receiver of traces, such as http://127.0.0.1:4317; empty: no traces are sent"`
	TracesEndpoint string  `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" validate:"omitempty,http_url" help:"the same, for traces only; wins over the one above"`
	LogsEndpoint   string  `env:"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT" validate:"omitempty,http_url" help:"OTLP HTTP receiver of logs with its path, such as http://127.0.0.1:3110/otlp/v1/logs; empty: logs go to standard output only"`
	Sampler        string  `env:"OTEL_TRACES_SAMPLER" envDefault:"parentbased_ratelimiting" validate:"oneof=always_on always_off traceidratio parentbased_always_on parentbased_always_off parentbased_traceidratio parentbased_ratelimiting" help:"which traces are recorded"`
	SamplerArg     float64 `env:"OTEL_TRACES_SAMPLER_ARG" envDefault:"10" validate:"min=0,max=10000" help:"traces that the ratelimiting sampler records a second in each process; of a traceidratio sampler the share, 1 being all"`
	Disabled       bool    `env:"OTEL_SDK_DISABLED" envDefault:"false" help:"true sends neither traces nor logs"`

	PyroscopeURL string `env:"PYROSCOPE_URL" validate:"omitempty,http_url" help:"Pyroscope server that profiles are pushed to; empty: none are taken"`
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
