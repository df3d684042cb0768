package queue

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// The queues, as asynq, metrics and the command line name them.
const (
	Enrichment = "enrichment-jobs"
	Critical   = "critical-jobs"
)

// ErrUnknownQueue says that a name is none of Names.
var ErrUnknownQueue = errors.New("unknown queue")

// ErrUnavailable says that Redis could not be asked, or did not answer.
var ErrUnavailable = errors.New("queue unavailable")

// Names returns the names of all queues.
func Names() []string { return []string{Enrichment, Critical} }

// Deps are what a client or a server reports to. All are optional: what is nil is replaced by something that does nothing.
type Deps struct {
	// Threshold is the depth of Enrichment at which Client.Admit refuses; 0 means DefaultThreshold.
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

// policy is how the jobs of one queue are treated.
type policy struct {
	queue     string
	taskType  string
	attempts  int           // in all, the first included
	backoff   time.Duration // before the second attempt; doubles from there
	timeout   time.Duration // of one attempt
	retention time.Duration // how long a completed job is kept, for its state and against doubles
}

func policyOf(queue string) (policy, error) {
	switch queue {
	case Enrichment:
		return policy{
			queue: Enrichment, taskType: "deal:enrich",
			attempts: 5, backoff: 200 * time.Millisecond, timeout: 30 * time.Second,
		}, nil
	case Critical:
		return policy{
			queue: Critical, taskType: "purchase:complete",
			attempts: 4, backoff: 250 * time.Millisecond, timeout: 30 * time.Second,
			retention: 24 * time.Hour,
		}, nil
	default:
		return policy{}, ErrUnknownQueue
	}
}
