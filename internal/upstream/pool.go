package upstream

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/limiter"
)

// Deps are what the package needs from its process. All are optional.
type Deps struct {
	Registry  prometheus.Registerer
	Tracers   trace.TracerProvider
	Logger    *slog.Logger
	Transport http.RoundTripper // default: a transport of the pool's own
}

// Pool holds what all upstreams of a process share: the transport and the metrics. A process has one.
// It is safe for concurrent use.
type Pool struct {
	cfg     Config
	deps    Deps
	metrics *metrics
	close   func()

	mu       sync.Mutex
	services map[string]bool
	limits   []*limiter.Limiter
}

// NewPool returns a pool. It panics like promauto when the registry has a pool's metrics already.
func NewPool(cfg Config, deps Deps) (*Pool, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	p := &Pool{
		cfg: cfg, deps: deps, close: func() {},
		metrics:  newMetrics(deps.Registry),
		services: map[string]bool{},
	}
	if p.deps.Logger == nil {
		p.deps.Logger = slog.New(slog.DiscardHandler)
	}
	if p.deps.Transport == nil {
		transport := NewTransport(maxIdle)
		p.deps.Transport, p.close = transport, transport.CloseIdleConnections
	}
	return p, nil
}

// Client returns the client of the upstream service at baseURL, which is scheme, host and port. A service has one client
// per pool, since it has one breaker and one retry budget.
func (p *Pool) Client(service, baseURL string) (*Client, error) {
	endpoint, err := NewEndpoint(EndpointConfig{Service: service, URL: baseURL, Timeout: p.cfg.Timeout}, p.deps)
	if err != nil {
		return nil, err
	}
	limit, err := limiter.New(p.cfg.limits())
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", service, err)
	}
	if err := p.claim(service, limit); err != nil {
		return nil, err
	}
	c := &Client{service: service, endpoint: endpoint, limit: limit}
	var circuit *breaker
	state := func() circuitbreaker.State { return circuitbreaker.ClosedState }
	if p.cfg.BreakerFailureRate > 0 {
		circuit = newBreaker(p.cfg, service, p.deps.Logger)
		state = circuit.circuit.State
	}
	c.metrics = p.metrics.client(service, state, limit)
	var budget *retryBudget
	if p.cfg.RetryRatio > 0 {
		budget = newRetryBudget(p.cfg.RetryRatio, c.metrics.exhausted.Inc)
	}
	c.executor = newExecutor(budget, circuit)
	return c, nil
}

// Saturated reports whether calls wait for the limit of any upstream.
func (p *Pool) Saturated() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.limits, func(l *limiter.Limiter) bool { return l.Load().Waiting > 0 })
}

// SwitchLimit changes how the limits of all upstreams are found, and the constant of limiter.Static. After an error some may be switched.
func (p *Pool) SwitchLimit(kind limiter.Kind, static int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, limit := range p.limits {
		if err := limit.Switch(kind, static); err != nil {
			return fmt.Errorf("upstream: %w", err)
		}
	}
	return nil
}

// Close drops idle connections. Calls in flight are not touched; call it when there are none.
func (p *Pool) Close() { p.close() }

func (p *Pool) claim(service string, limit *limiter.Limiter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.services[service] {
		return fmt.Errorf("upstream %s: has a client already", service)
	}
	p.services[service] = true
	p.limits = append(p.limits, limit)
	return nil
}
