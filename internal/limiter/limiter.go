// Package limiter bounds the calls that a client has at a server. The bound can be a constant, follow the latency, or follow what the
// server reports about itself, and can be switched while the program runs.
package limiter

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
)

// Kind is how the limit is found.
type Kind string

// The kinds.
const (
	Adaptive Kind = "adaptive" // follows the load that the server reports
	Latency  Kind = "latency"  // follows the latency of calls (failsafe-go's adaptive limiter)
	Static   Kind = "static"   // a constant
	None     Kind = "none"     // no limit
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Adaptive, Latency, Static, None} }

// Names lists the kinds as settings spell them.
func Names() []string {
	names := make([]string, 0, len(Kinds()))
	for _, kind := range Kinds() {
		names = append(names, string(kind))
	}
	return names
}

// Config bounds a Limiter.
type Config struct {
	Kind     Kind
	Static   int           // limit of Static
	Min, Max int           // of the limits that adapt
	Initial  int           // where they start
	Queue    int           // calls that may wait; more are refused
	Patience time.Duration // the longest wait at the start; 0 is no limit
}

// Check says what is wrong with c, if anything.
func (c Config) Check() error {
	if c.Min < 1 || c.Initial < c.Min || c.Max < c.Initial || c.Queue < 0 || c.Patience < 0 {
		return fmt.Errorf("limiter: got %+v, want 1 <= Min <= Initial <= Max, and Queue and Patience of at least 0", c)
	}
	return checkKind(c.Kind, c.Static)
}

func checkKind(kind Kind, static int) error {
	switch {
	case static < 1:
		return fmt.Errorf("static limit: got %d, want at least 1", static)
	case !slices.Contains(Kinds(), kind):
		return fmt.Errorf("limit: got %q, want one of %s", kind, strings.Join(Names(), ", "))
	}
	return nil
}

// Limiter bounds the calls to one server. It may be used concurrently. Calls that wait are served by criticality.
type Limiter struct {
	cfg     Config
	kind    atomic.Value // Kind
	static  atomic.Int64
	fair    atomic.Bool
	waits   atomic.Int64 // the longest wait, a time.Duration; 0 is no limit
	pool    slots.Pool
	latency adaptivelimiter.AdaptiveLimiter[any]

	mu       sync.Mutex
	adaptive adaptive
}

// New returns a limiter without calls.
func New(cfg Config) (*Limiter, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	l := &Limiter{cfg: cfg, adaptive: adaptive{limit: float64(cfg.Initial), min: float64(cfg.Min), max: float64(cfg.Max)}}
	l.latency = adaptivelimiter.NewBuilder[any]().
		WithLimits(uint(cfg.Min), uint(cfg.Max), uint(cfg.Initial)).
		WithRecentWindow(latencyWindow, 10*latencyWindow, latencySamples).
		WithQueueing(1, float64(max(cfg.Queue, 1))).
		Build()
	l.SetPatience(cfg.Patience)
	return l, l.Switch(cfg.Kind, cfg.Static)
}

// The latency limiter compares windows of calls; shorter windows are noise, longer ones are late.
const (
	latencyWindow  = 200 * time.Millisecond
	latencySamples = 20
)

// Switch changes the kind, and the constant of Static.
func (l *Limiter) Switch(kind Kind, static int) error {
	if err := checkKind(kind, static); err != nil {
		return err
	}
	l.static.Store(int64(static))
	l.kind.Store(kind)
	l.pool.Apply(l.rules())
	return nil
}

// SetFair lets tenants take turns at the limit from now on, or serves calls as they came. Latency ignores it.
func (l *Limiter) SetFair(fair bool) { l.fair.Store(fair) }

// SetPatience changes the longest wait of the calls that come from now on; 0 is no limit.
func (l *Limiter) SetPatience(longest time.Duration) { l.waits.Store(int64(longest)) }

// Kind returns how the limit is found now.
func (l *Limiter) Kind() Kind { kind, _ := l.kind.Load().(Kind); return kind }

// Limit returns how many calls may be in flight, +Inf when there is no limit.
func (l *Limiter) Limit() float64 {
	switch l.Kind() {
	case None:
		return math.Inf(1)
	case Latency:
		return float64(l.latency.Limit())
	default:
		return float64(l.rules().Slots)
	}
}

// Load returns the calls in flight and those that wait.
func (l *Limiter) Load() slots.Load {
	load := l.pool.Load(criticality.Sheddable)
	if l.Kind() == Latency {
		load.Waiting += l.latency.Queued()
	}
	return load
}

// Permit lets one call through. Leave must be called once.
type Permit struct {
	limiter *Limiter
	ctx     context.Context //nolint:containedctx // the permit lives as long as the call of this context
	latency adaptivelimiter.Permit
}

// Enter waits for a permit. The error is that of slots.Pool, or of ctx.
func (l *Limiter) Enter(ctx context.Context) (Permit, error) {
	permit := Permit{limiter: l, ctx: ctx}
	if l.Kind() == Latency {
		var err error
		if permit.latency, err = l.acquire(ctx); err != nil {
			if ctx.Err() != nil {
				return Permit{}, ctx.Err()
			}
			return Permit{}, slots.ErrFull
		}
		return permit, l.pool.Enter(ctx, unlimited()) // counts it
	}
	return permit, l.pool.Enter(ctx, l.rules())
}

// acquire waits for the latency limiter.
func (l *Limiter) acquire(ctx context.Context) (adaptivelimiter.Permit, error) {
	if longest := time.Duration(l.waits.Load()); longest > 0 {
		return l.latency.AcquirePermitWithMaxWait(ctx, longest)
	}
	return l.latency.AcquirePermit(ctx)
}

// Pass returns a permit whatever the limit is. Limits that adapt learn from its call all the same, but for Latency.
func (l *Limiter) Pass(ctx context.Context) Permit {
	_ = l.pool.Enter(ctx, unlimited()) // never waits
	return Permit{limiter: l, ctx: ctx}
}

func unlimited() slots.Rules { return slots.Rules{Slots: math.MaxInt} }

// Leave ends the call and says what it has shown.
func (p Permit) Leave(o Outcome) {
	l, now := p.limiter, time.Now()
	level := criticality.From(p.ctx)
	load := l.pool.Load(level)
	if p.latency != nil {
		if o.Unknown || o.Overloaded {
			p.latency.Drop()
		} else {
			p.latency.Record()
		}
	}
	l.mu.Lock()
	l.adaptive.observe(o, load.Busy, load.Waiting > 0, now)
	l.mu.Unlock()
	l.pool.Leave(p.ctx, l.rules())
}

// rules are those of the pool by the kind in force. The latency limiter has a queue of its own.
func (l *Limiter) rules() slots.Rules {
	rules := slots.Rules{Slots: math.MaxInt, Queue: l.cfg.Queue, Discipline: slots.FIFO, Patience: time.Duration(l.waits.Load()), Fair: l.fair.Load()}
	switch l.Kind() {
	case Static:
		rules.Slots = int(l.static.Load())
	case Adaptive:
		l.mu.Lock()
		defer l.mu.Unlock()
		rules.Slots = int(l.adaptive.limit)
	case Latency, None:
	}
	return rules
}
