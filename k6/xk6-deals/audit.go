package deals

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/lib"

	"deals.example/internal/purchase"
	"deals.example/internal/queue"
)

// lastReceipts is the number of receipts that are read, about the length of the ledger.
const lastReceipts = 100_000

// acceptedIDs holds the ids of purchases accepted in this run. It is safe for concurrent use.
type acceptedIDs struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (a *acceptedIDs) add(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids == nil {
		a.ids = map[string]bool{}
	}
	a.ids[id] = true
}

func (a *acceptedIDs) all() map[string]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make(map[string]bool, len(a.ids))
	for id := range a.ids {
		all[id] = true
	}
	return all
}

// Audit is the outcome of the accepted purchases. Each is counted in one of Completed, Dead, Open and Lost.
type Audit struct {
	Accepted  int      `js:"accepted"`
	Completed int      `js:"completed"`
	Dead      int      `js:"dead"`    // in the DLQ
	Open      []string `js:"open"`    // in progress at the timeout
	Lost      []string `js:"lost"`    // without a record or a job
	Doubled   []string `js:"doubled"` // more than one receipt
}

// AuditPurchases waits until every accepted purchase of this run is completed or in the DLQ, at most for the timeout, such as 30s. It resolves
// to an Audit, and adds the numbers to the metric deals_purchases for thresholds.
func (r *Redis) AuditPurchases(timeout string) (*sobek.Promise, error) {
	limit, err := parseTimeout(timeout)
	if err != nil {
		return nil, err
	}
	module := r.module
	accepted := module.root.purchases.all()
	state := module.vu.State()
	return inspect(r, func(ctx context.Context, c *connection) (*Audit, error) {
		audit, err := c.audit(ctx, accepted, limit)
		if err != nil {
			return nil, err
		}
		module.metrics.countAudit(state, audit)
		return audit, nil
	}), nil
}

func (m *meters) countAudit(state *lib.State, audit *Audit) {
	counted := newSamples(state.Tags.GetCurrentValues())
	for outcome, purchases := range map[string]int{
		"completed": audit.Completed, "dead": audit.Dead,
		"open": len(audit.Open), "lost": len(audit.Lost), "doubled": len(audit.Doubled),
	} {
		counted.add(m.purchases, float64(purchases), "outcome", outcome)
	}
	counted.push(state)
}

func (c *connection) audit(ctx context.Context, accepted map[string]bool, limit time.Duration) (*Audit, error) {
	audit := &Audit{Accepted: len(accepted)}
	open := make([]string, 0, len(accepted))
	for id := range accepted {
		open = append(open, id)
	}
	err := poll(ctx, limit, func() (bool, error) {
		var err error
		open, err = c.settle(ctx, audit, open)
		return len(open) == 0, err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(open)
	audit.Open = open
	audit.Doubled, err = c.doubled(ctx, accepted)
	return audit, err
}

// settle counts the finished purchases and returns the others.
func (c *connection) settle(ctx context.Context, audit *Audit, ids []string) (open []string, err error) {
	for _, id := range ids {
		status, err := c.purchases.Status(ctx, id)
		switch {
		case errors.Is(err, purchase.ErrNotFound):
			audit.Lost = append(audit.Lost, id)
		case err != nil:
			return nil, err
		case status.Progress == purchase.Completed:
			audit.Completed++
		case status.Progress != purchase.Failed:
			open = append(open, id)
		default:
			if err := c.settleFailed(ctx, audit, id); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

// settleFailed counts a failed purchase as dead if its job is in the DLQ, otherwise as lost.
func (c *connection) settleFailed(ctx context.Context, audit *Audit, id string) error {
	job, err := queue.JobState(ctx, c.rdb, queue.Critical, id)
	switch {
	case err != nil:
		return err
	case job == queue.StateArchived:
		audit.Dead++
	default:
		audit.Lost = append(audit.Lost, id)
	}
	return nil
}

// doubled returns the accepted purchases that have more than one receipt.
func (c *connection) doubled(ctx context.Context, accepted map[string]bool) ([]string, error) {
	receipts, err := c.purchases.Receipts(ctx, lastReceipts)
	if err != nil {
		return nil, err
	}
	var doubled []string
	sent := map[string]int{}
	for _, receipt := range receipts {
		id := receipt.PurchaseID
		sent[id]++
		if sent[id] == 2 && accepted[id] {
			doubled = append(doubled, id)
		}
	}
	slices.Sort(doubled)
	return doubled, nil
}
