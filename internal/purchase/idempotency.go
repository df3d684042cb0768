package purchase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"deals.example/internal/queue"
)

// Idempotency is a client's Idempotency-Key, "" if it sent none, and the fingerprint of its request body. Without a key each request
// is a new purchase. The id of a purchase is always a key for it: a client that does not know whether its request was accepted
// can repeat it with the id.
type Idempotency struct {
	Key         string
	Fingerprint string
}

// Fingerprint is the same for equal request bodies. userID is the one that the client sent, "" if it sent none.
func Fingerprint(dealID, userID string, quantity int) string {
	return digest(fmt.Sprintf("%q %q %d", dealID, userID, quantity))
}

// Known reports whether the key belongs to a purchase; ErrIdempotencyConflict if that purchase has another fingerprint.
func (s *Store) Known(ctx context.Context, idempotency Idempotency) (bool, error) {
	if idempotency.Key == "" {
		return false, nil
	}
	fingerprint, err := s.known.Run(ctx, s.rdb, []string{idempotency.claim()}, recordKey(""), idempotency.purchase()).Text()
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: read idempotency key: %w", queue.ErrUnavailable, err)
	case fingerprint == "":
		return false, nil
	case fingerprint != idempotency.Fingerprint:
		return false, ErrIdempotencyConflict
	}
	return true, nil
}

// claim is the key in Redis that holds the purchase id of the client's key, which is hashed since it can be any text.
func (i Idempotency) claim() string { return key("idempotency:" + digest(i.Key)) }

// purchase returns the key if it is a purchase id, else "".
func (i Idempotency) purchase() string {
	if ValidID(i.Key) {
		return i.Key
	}
	return ""
}

// purchaseLua defines the function purchase, which returns the id of the purchase that an idempotency key belongs to, or false.
const purchaseLua = `
local function purchase(claim, record_prefix, id)
  if id ~= "" and redis.call("EXISTS", record_prefix .. id) == 1 then
    return id
  end
  return redis.call("GET", claim)
end
`

// knownLua returns the fingerprint of the purchase of an idempotency key, or "".
//
//	KEYS    claim
//	ARGV    prefix of records, purchase id that the key may be or ""
const knownLua = purchaseLua + `
local id = purchase(KEYS[1], ARGV[1], ARGV[2])
return id and redis.call("HGET", ARGV[1] .. id, "fingerprint") or ""
`

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
