// Package purchase keeps the record of each purchase in Redis: what was ordered, how far its workflow has come, and the ledger
// of the receipts that were sent. experience-api opens and reads records, critical-worker moves them on.
//
// All keys share the hash tag of the queue of purchases, so that a script may change a record and the ledger together, also
// in Redis Cluster:
//
//	deals:{critical-jobs}:purchase:<id>          hash: the order, its fingerprint and a few fields for each step
//	deals:{critical-jobs}:idempotency:<sha256>   string: the purchase id of an Idempotency-Key
//	deals:{critical-jobs}:receipts               stream: one entry for each receipt
package purchase

import (
	"errors"
	"regexp"
	"time"

	"github.com/google/uuid"

	"deals.example/internal/queue"
)

// Steps of the workflow, in their order.
const (
	FraudCheck     = "fraud-check"
	AnalyticsEvent = "analytics-event"
	EmailReceipt   = "email-receipt"
)

// Steps returns the steps of the workflow in their order.
func Steps() []string { return []string{FraudCheck, AnalyticsEvent, EmailReceipt} }

const (
	// claimTTL is how long an Idempotency-Key belongs to its purchase.
	claimTTL = 24 * time.Hour
	// openTTL is how long a record is kept that is not completed: longer than its job may rest in the DLQ, because a job that
	// is replayed without its record could not tell whether the receipt was sent.
	openTTL = 100 * 24 * time.Hour
	// completedTTL is how long a record is kept after its last step.
	completedTTL = 48 * time.Hour
	// ledgerLength is about how many receipts the ledger keeps. Whether one was sent is in the record, not here.
	ledgerLength = 100_000
)

// Errors that callers branch on, beside queue.ErrUnavailable when Redis does not answer.
var (
	// ErrNotFound says that there is no record of a purchase.
	ErrNotFound = errors.New("no such purchase")
	// ErrIdempotencyConflict says that the key was used before, with another body.
	ErrIdempotencyConflict = errors.New("idempotency key was used with another body")
)

var validID = regexp.MustCompile(`^p-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// NewID returns the id of a new purchase: p- and a UUID.
func NewID() string { return "p-" + uuid.NewString() }

// ValidID reports whether id has the form of those of NewID.
func ValidID(id string) bool { return validID.MatchString(id) }

// Order is what a purchase is of.
type Order struct {
	ID       string
	DealID   string
	UserID   string
	Quantity int
}

// Job returns the job that does the order's workflow.
func (o Order) Job() queue.PurchaseJob {
	return queue.PurchaseJob{PurchaseID: o.ID, DealID: o.DealID, UserID: o.UserID, Quantity: o.Quantity}
}
