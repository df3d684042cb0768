// Package slots lets a number of requests through at a time and lets others wait in a queue, by criticality: what matters more is
// served first, what matters less is shed first. Servers use it as their capacity, clients as their concurrency limit.
package slots

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"deals.example/internal/criticality"
	"deals.example/internal/tenant"
)

// Why a request gets no slot, as metrics label it.
const (
	ReasonFull      = "full"
	ReasonShed      = "shed"
	ReasonShare     = "share"
	ReasonLate      = "late"
	ReasonAbandoned = "abandoned" // its caller has gone, or has no time left
)

// ReasonOf returns the reason of an error of Enter.
func ReasonOf(err error) string {
	switch {
	case errors.Is(err, ErrFull):
		return ReasonFull
	case errors.Is(err, ErrShed):
		return ReasonShed
	case errors.Is(err, ErrShare):
		return ReasonShare
	case errors.Is(err, ErrLate):
		return ReasonLate
	default:
		return ReasonAbandoned
	}
}

// Why a request gets no slot. One whose context ends while it waits gets the error of the context.
var (
	ErrFull = errors.New("queue is full")                        // on arrival
	ErrShed = errors.New("shed for a request that matters more") // evicted from a full queue
	ErrLate = errors.New("waited longer than the queue allows")  // by LIFOCoDel or Rules.Patience
	// ErrShare is that of a full queue that is fair.
	ErrShare = errors.New("shed for a tenant with fewer requests")
)

// IsRefusal reports whether err says that there was no room, rather than that the context has ended.
func IsRefusal(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, ErrShed) || errors.Is(err, ErrLate) || errors.Is(err, ErrShare)
}

// Pool is a set of slots with a queue in front. It may be used concurrently. The zero value is an idle pool.
type Pool struct {
	mu      sync.Mutex
	busy    [criticality.Levels]int
	serving int                           // the sum of busy
	queues  [criticality.Levels]list.List // of *waiter, the oldest first
	waiting int                           // the sum of their lengths
	emptyAt time.Time                     // when the queue was last seen empty
	turns   [tenant.Count]int             // of Rules.Fair: when each tenant was served last, counted in turns
	turn    int
}

// waiter is a request in the queue. Its element is nil once it has a verdict.
type waiter struct {
	level   criticality.Criticality
	tenant  tenant.Tenant
	element *list.Element
	verdict chan error // buffered; nil grants a slot
}

// Enter waits for a slot, for a request of the criticality of ctx. Leave must be called when the error is nil. Otherwise it is ErrFull,
// ErrShed or ErrLate, or that of ctx.
func (p *Pool) Enter(ctx context.Context, rules Rules) error {
	w, patience, err := p.arrive(ctx, rules)
	if err != nil || w == nil {
		return err
	}
	var late <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case err := <-w.verdict:
		return err
	case <-late:
		return p.withdraw(w, ErrLate)
	case <-ctx.Done():
		return p.withdraw(w, ctx.Err())
	}
}

// Leave frees the slot of a request of the criticality of ctx.
func (p *Pool) Leave(ctx context.Context, rules Rules) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[criticality.From(ctx).Index()]--
	p.serving--
	p.grant(rules, time.Now())
}

// Apply serves as many waiting requests as rules allow, for rules that have more slots than before.
func (p *Pool) Apply(rules Rules) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grant(rules, time.Now())
}

// Load is how many requests are served and wait.
type Load struct {
	Busy, Waiting int
}

// Load returns the load that a request of the level meets: those that matter less give way to it and don't count.
func (p *Pool) Load(level criticality.Criticality) Load {
	p.mu.Lock()
	defer p.mu.Unlock()
	var load Load
	for i := level.Index(); i < criticality.Levels; i++ {
		load.Busy += p.busy[i]
		load.Waiting += p.queues[i].Len()
	}
	return load
}

// arrive takes a free slot, or a place in the queue for at most patience; 0 is no limit. The waiter is nil when a slot was free.
func (p *Pool) arrive(ctx context.Context, rules Rules) (w *waiter, patience time.Duration, err error) {
	level, now := criticality.From(ctx), time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.grant(rules, now)
	if p.serving < rules.Slots {
		p.serve(level)
		if rules.Fair {
			p.took(tenant.From(ctx))
		}
		return nil, 0, nil
	}
	w = &waiter{level: level, tenant: tenant.From(ctx), verdict: make(chan error, 1)}
	if p.waiting >= rules.room() && !p.evict(w, rules, now) {
		return nil, 0, ErrFull
	}
	if p.waiting == 0 {
		p.emptyAt = now
	}
	w.element = p.queues[w.level.Index()].PushBack(w)
	p.waiting++
	return w, rules.patience(p.overloaded(rules, now)), nil
}

// withdraw takes w out of the queue because of why, unless it has a verdict by now.
func (p *Pool) withdraw(w *waiter, why error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.element == nil {
		return <-w.verdict
	}
	p.remove(w, time.Now())
	return why
}

// grant gives free slots to waiting requests. mu must be held, as for all below.
func (p *Pool) grant(rules Rules, now time.Time) {
	for p.waiting > 0 && p.serving < rules.Slots {
		w := p.next(rules, now)
		p.remove(w, now)
		p.serve(w.level)
		p.took(w.tenant)
		w.verdict <- nil
	}
}

func (p *Pool) serve(level criticality.Criticality) {
	p.busy[level.Index()]++
	p.serving++
}

// took notes that it was the turn of a tenant.
func (p *Pool) took(t tenant.Tenant) {
	p.turn++
	p.turns[t] = p.turn
}

// next returns the request to serve next, of those of the highest criticality: the oldest, the newest in adaptive LIFO, or that of the tenant
// whose turn it is.
func (p *Pool) next(rules Rules, now time.Time) *waiter {
	i := criticality.Levels - 1
	for p.queues[i].Len() == 0 {
		i--
	}
	switch queue := &p.queues[i]; {
	case rules.Fair:
		return p.fairest(queue)
	case rules.Discipline == LIFOCoDel && p.overloaded(rules, now):
		return queue.Back().Value.(*waiter)
	default:
		return queue.Front().Value.(*waiter)
	}
}

// fairest returns the oldest request of the tenant that was served longest ago. It looks at all that wait, so it needs a bounded queue.
func (p *Pool) fairest(queue *list.List) *waiter {
	var fairest *waiter
	for e := queue.Front(); e != nil; e = e.Next() {
		if w := e.Value.(*waiter); fairest == nil || p.turns[w.tenant] < p.turns[fairest.tenant] {
			fairest = w
		}
	}
	return fairest
}

// evict makes room for w in a full queue, if there is a request that has to give way to it.
func (p *Pool) evict(w *waiter, rules Rules, now time.Time) bool {
	return p.evictBelow(w.level, now) || rules.Fair && p.evictGreediest(w, now)
}

// evictGreediest refuses the newest request of the tenant that has the most of those of the level of w, unless that is the tenant of w
// (longest queue drop: Suter et al., "Buffer Management Schemes for Supporting TCP in Gigabit Routers with Per-flow Queueing", 1999).
func (p *Pool) evictGreediest(w *waiter, now time.Time) bool {
	var counts [tenant.Count]int
	counts[w.tenant] = 1
	most := w
	for e := p.queues[w.level.Index()].Front(); e != nil; e = e.Next() {
		other := e.Value.(*waiter)
		counts[other.tenant]++
		if counts[other.tenant] > counts[most.tenant] || other.tenant == most.tenant && most != w {
			most = other
		}
	}
	if most.tenant == w.tenant {
		return false
	}
	p.remove(most, now)
	most.verdict <- ErrShare
	return true
}

// evictBelow makes room in a full queue by refusing the newest of the least critical requests below level.
func (p *Pool) evictBelow(level criticality.Criticality, now time.Time) bool {
	for i := range level.Index() {
		if last := p.queues[i].Back(); last != nil {
			w := last.Value.(*waiter)
			p.remove(w, now)
			w.verdict <- ErrShed
			return true
		}
	}
	return false
}

func (p *Pool) remove(w *waiter, now time.Time) {
	p.queues[w.level.Index()].Remove(w.element)
	w.element = nil
	p.waiting--
	if p.waiting == 0 {
		p.emptyAt = now
	}
}

func (p *Pool) overloaded(rules Rules, now time.Time) bool {
	return p.waiting > 0 && now.Sub(p.emptyAt) > rules.Interval
}
