package purchase

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue"
)

// Store reads and writes the records of purchases. It may be used concurrently, also by several processes.
type Store struct {
	rdb redis.UniversalClient

	known, open, begin, finish, fail *redis.Script
}

// NewStore returns a store that uses rdb. It does not close it.
func NewStore(rdb redis.UniversalClient) (*Store, error) {
	if rdb == nil {
		return nil, errors.New("purchase store: a Redis client is required")
	}
	return &Store{
		rdb:    rdb,
		known:  redis.NewScript(knownLua),
		open:   redis.NewScript(openLua),
		begin:  redis.NewScript(beginLua),
		finish: redis.NewScript(finishLua),
		fail:   redis.NewScript(failLua),
	}, nil
}

func key(name string) string { return "deals:{" + queue.Critical + "}:" + name }

func recordKey(id string) string { return key("purchase:" + id) }

func receiptsKey() string { return key("receipts") }

// Open creates the record of an order unless the idempotency key already belongs to a purchase. It returns the recorded order. All callers
// with the same key get the same order, or ErrIdempotencyConflict if the fingerprints differ.
func (s *Store) Open(ctx context.Context, order Order, idempotency Idempotency) (Order, error) {
	keys := []string{recordKey(order.ID)}
	if idempotency.Key != "" {
		keys = append(keys, idempotency.claim())
	}
	stored, err := s.open.Run(ctx, s.rdb, keys, recordKey(""), idempotency.purchase(), order.ID, int(claimTTL.Seconds()), idempotency.Fingerprint,
		order.DealID, order.UserID, order.Quantity, formatTime(time.Now()), int(openTTL.Seconds())).StringSlice()
	if err != nil {
		return Order{}, fmt.Errorf("%w: create record %s: %w", queue.ErrUnavailable, order.ID, err)
	}
	if stored[1] != idempotency.Fingerprint {
		return Order{}, ErrIdempotencyConflict
	}
	quantity, err := strconv.Atoi(stored[4])
	if err != nil {
		return Order{}, fmt.Errorf("record %s: quantity: %w", stored[0], err)
	}
	return Order{ID: stored[0], DealID: stored[2], UserID: stored[3], Quantity: quantity}, nil
}

// openLua finds or creates the purchase of an idempotency key, or creates one without a key.
//
//	KEYS    record of a new purchase, claim if there is an idempotency key
//	ARGV    prefix of records, purchase id that the key may be or "", id of a new purchase, time to live of the claim in s,
//	        fingerprint, deal, user, quantity, now, time to live of the record in s
//	returns {id, fingerprint, deal, user, quantity} as recorded
const openLua = purchaseLua + `
local id = KEYS[2] and purchase(KEYS[2], ARGV[1], ARGV[2])
if not id then
  id = ARGV[3]
  if KEYS[2] then
    redis.call("SET", KEYS[2], id, "EX", ARGV[4])
  end
end
local record = ARGV[1] .. id
if redis.call("EXISTS", record) == 0 then
  redis.call("HSET", record, "fingerprint", ARGV[5], "deal", ARGV[6], "user", ARGV[7], "quantity", ARGV[8], "created", ARGV[9])
  redis.call("EXPIRE", record, ARGV[10])
end
local stored = redis.call("HMGET", record, "fingerprint", "deal", "user", "quantity")
return {id, stored[1], stored[2], stored[3], stored[4]}
`

// Begin records the start of an attempt at a step. It reports whether the step is already completed and must not be repeated. It returns
// ErrNotFound if there is no record.
func (s *Store) Begin(ctx context.Context, id, step string) (done bool, err error) {
	reply, err := s.begin.Run(ctx, s.rdb, []string{recordKey(id)}, step, formatTime(time.Now())).Int()
	if err != nil {
		return false, fmt.Errorf("%w: begin %s of %s: %w", queue.ErrUnavailable, step, id, err)
	}
	if reply == noRecord {
		return false, fmt.Errorf("begin %s of %s: %w", step, id, ErrNotFound)
	}
	return reply == alreadyDone, nil
}

// Replies of the scripts that begin and finish a step.
const (
	noRecord    = -1
	alreadyDone = 0
)

// beginLua expects the record in KEYS and the step and the time in ARGV.
const beginLua = `
if redis.call("EXISTS", KEYS[1]) == 0 then
  return -1
end
if redis.call("HGET", KEYS[1], ARGV[1] .. ".outcome") == "completed" then
  return 0
end
redis.call("HSETNX", KEYS[1], ARGV[1] .. ".started", ARGV[2])
redis.call("HSET", KEYS[1], ARGV[1] .. ".outcome", "pending")
redis.call("HINCRBY", KEYS[1], ARGV[1] .. ".attempts", 1)
return 1
`

// Finish marks a step as completed. For EmailReceipt, the last step, it atomically also adds the receipt to the ledger. If it is
// called several times for a step, concurrently or after crashes, only the first call has an effect.
func (s *Store) Finish(ctx context.Context, id, step string) error {
	reply, err := s.finish.Run(ctx, s.rdb, []string{recordKey(id), receiptsKey()},
		step, formatTime(time.Now()), id, EmailReceipt, ledgerLength, int(completedTTL.Seconds())).Int()
	if err != nil {
		return fmt.Errorf("%w: finish %s of %s: %w", queue.ErrUnavailable, step, id, err)
	}
	if reply == noRecord {
		return fmt.Errorf("finish %s of %s: %w", step, id, ErrNotFound)
	}
	return nil
}

// finishLua marks a step as completed. For the receipt step it adds the receipt to the ledger.
//
//	KEYS    record, ledger
//	ARGV    step, now, purchase, step of the receipt, length of the ledger, time to live in s of a completed record
//	returns 1, or 0 if the step was completed before, or -1 without a record
const finishLua = `
if redis.call("EXISTS", KEYS[1]) == 0 then
  return -1
end
if redis.call("HGET", KEYS[1], ARGV[1] .. ".outcome") == "completed" then
  return 0
end
redis.call("HSET", KEYS[1], ARGV[1] .. ".outcome", "completed", ARGV[1] .. ".finished", ARGV[2])
if ARGV[1] == ARGV[4] then
  local order = redis.call("HMGET", KEYS[1], "deal", "user", "quantity")
  redis.call("XADD", KEYS[2], "MAXLEN", "~", ARGV[5], "*",
    "purchase", ARGV[3], "deal", order[1], "user", order[2], "quantity", order[3], "sent", ARGV[2])
  redis.call("EXPIRE", KEYS[1], ARGV[6])
end
return 1
`

// Fail records that an attempt at a step failed. It does not change a completed step.
func (s *Store) Fail(ctx context.Context, id, step string, cause error) error {
	if err := s.fail.Run(ctx, s.rdb, []string{recordKey(id)}, step, cause.Error()).Err(); err != nil {
		return fmt.Errorf("%w: record failure of %s of %s: %w", queue.ErrUnavailable, step, id, err)
	}
	return nil
}

// failLua expects the record in KEYS and the step and the error in ARGV.
const failLua = `
if redis.call("HGET", KEYS[1], ARGV[1] .. ".outcome") == "pending" then
  redis.call("HSET", KEYS[1], ARGV[1] .. ".outcome", "failed", ARGV[1] .. ".error", ARGV[2])
end
return 1
`

func formatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
