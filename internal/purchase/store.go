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

// Store reads and writes the records of purchases. Safe for concurrent use, by any number of processes.
type Store struct {
	rdb redis.UniversalClient

	claim, create, begin, finish, fail *redis.Script
}

// NewStore returns a store of the records in the Redis of rdb, which stays the caller's.
func NewStore(rdb redis.UniversalClient) (*Store, error) {
	if rdb == nil {
		return nil, errors.New("purchase store: a Redis client is required")
	}
	return &Store{
		rdb:    rdb,
		claim:  redis.NewScript(claimLua),
		create: redis.NewScript(createLua),
		begin:  redis.NewScript(beginLua),
		finish: redis.NewScript(finishLua),
		fail:   redis.NewScript(failLua),
	}, nil
}

func key(name string) string { return "deals:{" + queue.Critical + "}:" + name }

func recordKey(id string) string { return key("purchase:" + id) }

func receiptsKey() string { return key("receipts") }

// Open makes the record of an order and returns the order of the record. That is another one, made before, when the idempotency
// key stands for it: whatever came in between, the caller goes on with what is returned, and every caller with the
// same key goes on with the same. ErrIdempotencyConflict when the key was used with another body.
func (s *Store) Open(ctx context.Context, order Order, idempotency Idempotency) (Order, error) {
	if idempotency.Key != "" {
		id, err := s.claimed(ctx, idempotency, order.ID)
		if err != nil {
			return Order{}, err
		}
		order.ID = id
	}
	stored, err := s.create.Run(ctx, s.rdb, []string{recordKey(order.ID)},
		order.DealID, order.UserID, order.Quantity, formatTime(time.Now()), int(openTTL.Seconds())).StringSlice()
	if err != nil {
		return Order{}, fmt.Errorf("%w: create record %s: %w", queue.ErrUnavailable, order.ID, err)
	}
	quantity, err := strconv.Atoi(stored[2])
	if err != nil {
		return Order{}, fmt.Errorf("record %s: quantity: %w", order.ID, err)
	}
	return Order{ID: order.ID, DealID: stored[0], UserID: stored[1], Quantity: quantity}, nil
}

// createLua makes a record unless there is one, and returns the order that the record is of.
//
//	KEYS    record
//	ARGV    deal, user, quantity, now, time to live in s
//	returns {deal, user, quantity}
const createLua = `
if redis.call("EXISTS", KEYS[1]) == 0 then
  redis.call("HSET", KEYS[1], "deal", ARGV[1], "user", ARGV[2], "quantity", ARGV[3], "created", ARGV[4])
  redis.call("EXPIRE", KEYS[1], ARGV[5])
end
return redis.call("HMGET", KEYS[1], "deal", "user", "quantity")
`

// Begin notes that an attempt at a step starts. It returns true when the step is done already and must not be done again;
// ErrNotFound when there is no record.
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

// Replies of the scripts that move a step on.
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

// Finish marks a step as done. Of EmailReceipt, the last one, it sends the receipt in the same atomic step: the receipt is the entry
// that it adds to the ledger. Of any number of calls for one step, at once or after crashes, one does this and the others do nothing.
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

// finishLua marks a step, and adds the receipt to the ledger when it is the step of the receipt.
//
//	KEYS    record, ledger
//	ARGV    step, now, purchase, step of the receipt, length of the ledger, time to live in s once all is done
//	returns 1, 0 when it was done before, -1 without a record
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

// Fail notes that an attempt at a step failed. A step that is done stays so.
func (s *Store) Fail(ctx context.Context, id, step string, cause error) error {
	if err := s.fail.Run(ctx, s.rdb, []string{recordKey(id)}, step, cause.Error()).Err(); err != nil {
		return fmt.Errorf("%w: note failure of %s of %s: %w", queue.ErrUnavailable, step, id, err)
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
