package purchase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

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

// claimed returns the purchase that the key stands for, which is id when the key is new.
func (s *Store) claimed(ctx context.Context, idempotency Idempotency, id string) (string, error) {
	// The key is hashed: it is the client's text, and of any form.
	name := key("idempotency:" + digest(idempotency.Key))
	claim, err := s.claim.Run(ctx, s.rdb, []string{name},
		idempotency.Fingerprint+" "+id, int(claimTTL.Seconds())).Text()
	if err != nil {
		return "", fmt.Errorf("%w: claim idempotency key: %w", queue.ErrUnavailable, err)
	}
	fingerprint, purchaseID, _ := strings.Cut(claim, " ")
	if fingerprint != idempotency.Fingerprint {
		return "", ErrIdempotencyConflict
	}
	return purchaseID, nil
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
