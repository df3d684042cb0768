package purchase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/queue"
)

// Idempotency is a client's Idempotency-Key with the fingerprint of the body that came with it. Without a key each
// request is a purchase of its own.
type Idempotency struct {
	Key         string
	Fingerprint string
}

// Fingerprint tells bodies apart: equal ones have the same. userID is what the client sent, "" when it sent none.
func Fingerprint(dealID, userID string, quantity int) string {
	return digest(fmt.Sprintf("%q %q %d", dealID, userID, quantity))
}

// Known reports whether the key stands for a purchase already; ErrIdempotencyConflict when it was used with another body.
func (s *Store) Known(ctx context.Context, idempotency Idempotency) (bool, error) {
	if idempotency.Key == "" {
		return false, nil
	}
	claim, err := s.rdb.Get(ctx, idempotency.name()).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%w: read idempotency key: %w", queue.ErrUnavailable, err)
	}
	_, err = idempotency.purchaseOf(claim)
	return err == nil, err
}

// name of the claim. The key is hashed: it is the client's text, and of any form.
func (i Idempotency) name() string { return key("idempotency:" + digest(i.Key)) }

// purchaseOf returns the purchase that a claim is for.
func (i Idempotency) purchaseOf(claim string) (string, error) {
	fingerprint, purchaseID, _ := strings.Cut(claim, " ")
	if fingerprint != i.Fingerprint {
		return "", ErrIdempotencyConflict
	}
	return purchaseID, nil
}

// claimed returns the purchase that the key stands for, which is id when the key is new.
func (s *Store) claimed(ctx context.Context, idempotency Idempotency, id string) (string, error) {
	claim, err := s.claim.Run(ctx, s.rdb, []string{idempotency.name()},
		idempotency.Fingerprint+" "+id, int(claimTTL.Seconds())).Text()
	if err != nil {
		return "", fmt.Errorf("%w: claim idempotency key: %w", queue.ErrUnavailable, err)
	}
	return idempotency.purchaseOf(claim)
}

// claimLua returns what the key stands for, after setting it when it is new. (SET with NX and GET needs Redis 7.)
//
//	KEYS    claim
//	ARGV    value, time to live in s
const claimLua = `
local claim = redis.call("GET", KEYS[1])
if claim then
  return claim
end
redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
return ARGV[1]
`

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
