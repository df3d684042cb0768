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

// lastReceipts is how far back receipts are looked at: about as many as the ledger keeps.
const lastReceipts = 100_000

// acceptedIDs are the purchases that the platform has accepted from this run. It may be used concurrently.
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

// Audit is what has become of the purchases that were accepted: each is in one of Completed, Dead, Open and Lost.
type Audit struct {
	Accepted  int      `js:"accepted"`
	Completed int      `js:"completed"`
	Dead      int      `js:"dead"`    // in the DLQ
	Open      []string `js:"open"`    // neither yet, when the time was over
	Lost      []string `js:"lost"`    // neither, and nobody will do it
	Doubled   []string `js:"doubled"` // more than one receipt
}

// AuditPurchases waits until every purchase that this run had accepted is completed or in the DLQ, or the time, such as 30s, is
// over, and tells what has become of them. The metric deals_purchases has the same, for thresholds.
func (r *Redis) AuditPurchases(timeout string) (*sobek.Promise, error) {
	limit, err := parseTimeout(timeout)
	if err != nil {
		return nil, err
	}
	module := r.module
	accepted := module.root.purchases.all()
	state := module.vu.State()
	return look(r, func(ctx context.Context, in *inside) (*Audit, error) {
		audit, err := in.audit(ctx, accepted, limit)
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

func (in *inside) audit(ctx context.Context, accepted map[string]bool, limit time.Duration) (*Audit, error) {
	audit := &Audit{Accepted: len(accepted)}
	open := make([]string, 0, len(accepted))
	for id := range accepted {
		open = append(open, id)
	}
	err := poll(ctx, limit, func() (bool, error) {
		var err error
		open, err = in.settle(ctx, audit, open)
		return len(open) == 0, err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(open)
	audit.Open = open
	audit.Doubled, err = in.doubled(ctx, accepted)
	return audit, err
}

// settle counts the purchases that have come to an end, and returns those that have not.
func (in *inside) settle(ctx context.Context, audit *Audit, ids []string) (open []string, err error) {
	for _, id := range ids {
		status, err := in.purchases.Status(ctx, id)
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
			if err := in.settleFailed(ctx, audit, id); err != nil {
				return nil, err
			}
		}
	}
	return open, nil
}

// settleFailed tells a purchase that rests in the DLQ from one of which there is a record and no job.
func (in *inside) settleFailed(ctx context.Context, audit *Audit, id string) error {
	job, err := queue.JobState(ctx, in.rdb, queue.Critical, id)
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
func (in *inside) doubled(ctx context.Context, accepted map[string]bool) ([]string, error) {
	receipts, err := in.purchases.Receipts(ctx, lastReceipts)
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
