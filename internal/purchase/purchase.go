// Package purchase keeps purchases in Redis: a record of the order and of the progress of its workflow for each purchase, and the ledger of
// receipts. experience-api creates and reads records. critical-worker updates them.
//
// All keys have the hash tag of the critical queue, so that a script can change a record and the ledger atomically in Redis Cluster:
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

// Steps of the workflow, in order.
const (
	FraudCheck     = "fraud-check"
	AnalyticsEvent = "analytics-event"
	EmailReceipt   = "email-receipt"
)

// Steps returns the steps of the workflow in order.
func Steps() []string { return []string{FraudCheck, AnalyticsEvent, EmailReceipt} }

const (
	// claimTTL is how long an Idempotency-Key belongs to its purchase.
	claimTTL = 24 * time.Hour
	// openTTL is how long the record of a purchase that is not completed is kept. It exceeds the retention of the DLQ: without the record, a
	// replayed job could not know whether the receipt was sent.
	openTTL = 100 * 24 * time.Hour
	// completedTTL is how long a record is kept after its last step.
	completedTTL = 48 * time.Hour
	// ledgerLength is the approximate number of receipts that the ledger keeps. Records, not the ledger, say whether a receipt was sent.
	ledgerLength = 100_000
)

// Errors of a Store, in addition to queue.ErrUnavailable.
var (
	// ErrNotFound is returned if there is no record of a purchase.
	ErrNotFound = errors.New("no such purchase")
	// ErrIdempotencyConflict is returned if the key was used with another body.
	ErrIdempotencyConflict = errors.New("idempotency key was used with another body")
)

var validID = regexp.MustCompile(`^p-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// NewID returns the id of a new purchase: p- and a UUID.
func NewID() string { return "p-" + uuid.NewString() }

// ValidID reports whether id has the format of NewID.
func ValidID(id string) bool { return validID.MatchString(id) }

// Order is the order of a purchase.
type Order struct {
	ID       string
	DealID   string
	UserID   string
	Quantity int
}

// Job returns the job that runs the workflow of the order.
func (o Order) Job() queue.PurchaseJob {
	return queue.PurchaseJob{PurchaseID: o.ID, DealID: o.DealID, UserID: o.UserID, Quantity: o.Quantity}
}
