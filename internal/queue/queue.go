package queue

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"deals.example/internal/criticality"
)

// Names of the queues in asynq, metrics and on the command line.
const (
	Enrichment = "enrichment-jobs"
	Critical   = "critical-jobs"
)

// ErrUnknownQueue reports a queue name that is not in Names.
var ErrUnknownQueue = errors.New("unknown queue")

// ErrUnavailable reports that a Redis command failed.
var ErrUnavailable = errors.New("queue unavailable")

// Names returns the names of all queues.
func Names() []string { return []string{Enrichment, Critical} }

// Deps holds optional dependencies of clients and servers. Nil ones are replaced by no-ops.
type Deps struct {
	// Threshold is the depth of Enrichment at which Client.Admit refuses batches; 0 means DefaultThreshold.
	Threshold int
	Registry  prometheus.Registerer
	Tracers   trace.TracerProvider
	Logger    *slog.Logger
}

func (d Deps) withDefaults() Deps {
	if d.Threshold == 0 {
		d.Threshold = DefaultThreshold
	}
	if d.Registry == nil {
		d.Registry = prometheus.NewRegistry()
	}
	if d.Tracers == nil {
		d.Tracers = noop.NewTracerProvider()
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// policy holds the rules for the jobs of one queue.
type policy struct {
	queue     string
	taskType  string
	attempts  int           // maximum, including the first
	backoff   time.Duration // before the second attempt; doubles for each further one
	timeout   time.Duration // of one attempt
	retention time.Duration // of a completed job, for its state and to refuse duplicates

	criticality criticality.Criticality // of its upstream calls
}

func policyOf(queue string) (policy, error) {
	switch queue {
	case Enrichment:
		return policy{
			queue: Enrichment, taskType: "deal:enrich",
			attempts: 5, backoff: 200 * time.Millisecond, timeout: 30 * time.Second,
			criticality: criticality.Sheddable, // visitors come first
		}, nil
	case Critical:
		return policy{
			queue: Critical, taskType: "purchase:complete",
			attempts: 4, backoff: 250 * time.Millisecond, timeout: 30 * time.Second,
			retention: 24 * time.Hour, criticality: criticality.Critical,
		}, nil
	default:
		return policy{}, ErrUnknownQueue
	}
}
