package upstream

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/limiter"
	"deals.example/internal/slots"
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
	policies Policies
	clients  []*Client
	places   slots.Pool // of BulkheadShared
}

// NewPool returns a pool. It panics like promauto when the registry has a pool's metrics already.
func NewPool(cfg Config, deps Deps) (*Pool, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	p := &Pool{
		cfg: cfg, deps: deps, close: func() {},
		metrics:  newMetrics(deps.Registry),
		policies: cfg.policies(),
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
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.ContainsFunc(p.clients, func(c *Client) bool { return c.service == service }) {
		return nil, fmt.Errorf("upstream %s: has a client already", service)
	}
	c := &Client{service: service, pool: p, endpoint: endpoint, limit: limit}
	c.guard.Store(&guard{}) // metrics may be read at once
	c.metrics = p.metrics.client(c)
	c.budget = newRetryBudget(cmp.Or(p.cfg.RetryRatio, defaultRetryRatio), c.metrics.exhausted.Inc)
	c.guard.Store(c.newGuard(p.policies))
	p.clients = append(p.clients, c)
	return c, nil
}

// Policies returns the policies in force.
func (p *Pool) Policies() Policies {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.policies
}

// Switch changes the policies of all upstreams for the calls that begin after it. The error says what is wrong with the result; nothing is
// changed then. change must not call the pool.
func (p *Pool) Switch(change func(*Policies)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.policies
	change(&next)
	if err := next.check(); err != nil {
		return fmt.Errorf("upstream: %w", err)
	}
	p.policies = next
	for _, c := range p.clients {
		c.guard.Store(c.newGuard(next))
	}
	return nil
}

// Saturated reports whether calls wait for a place at any upstream.
func (p *Pool) Saturated() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.clients, func(c *Client) bool { return c.queued() > 0 })
}

// SwitchLimit changes how the limits of all upstreams are found, and the constant of limiter.Static. After an error some may be switched.
func (p *Pool) SwitchLimit(kind limiter.Kind, static int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.clients {
		if err := c.limit.Switch(kind, static); err != nil {
			return fmt.Errorf("upstream: %w", err)
		}
	}
	return nil
}

// SwitchWait changes how long attempts wait for the limit of their upstream; 0 is until too little time is left for an answer.
func (p *Pool) SwitchWait(longest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.clients {
		c.limit.SetPatience(longest)
	}
}

// Close drops idle connections. Calls in flight are not touched; call it when there are none.
func (p *Pool) Close() { p.close() }
