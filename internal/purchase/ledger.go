package purchase

import (
	"context"
	"fmt"
	"time"

	"deals.example/internal/queue"
)

// Receipt is a receipt that was sent.
type Receipt struct {
	PurchaseID string    `json:"purchaseId"`
	DealID     string    `json:"dealId"`
	UserID     string    `json:"userId"`
	Quantity   int       `json:"quantity"`
	SentAt     time.Time `json:"sentAt"`
}

// Receipts returns the last count receipts, newest first.
func (s *Store) Receipts(ctx context.Context, count int) ([]Receipt, error) {
	entries, err := s.rdb.XRevRangeN(ctx, receiptsKey(), "+", "-", int64(count)).Result()
	if err != nil {
		return nil, fmt.Errorf("%w: read receipts: %w", queue.ErrUnavailable, err)
	}
	receipts := make([]Receipt, len(entries))
	for i, entry := range entries {
		text := func(field string) string {
			value, _ := entry.Values[field].(string)
			return value
		}
		receipts[i] = Receipt{PurchaseID: text("purchase"), DealID: text("deal"), UserID: text("user"), Quantity: number(text("quantity"))}
		if sent := timeOf(text("sent")); sent != nil {
			receipts[i].SentAt = *sent
		}
	}
	return receipts, nil
}
