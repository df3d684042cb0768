package experience

import (
	"context"
	"time"

	"deals.example/internal/card"
)

const (
	warmDeals = 100 // of each city; the most that a list may have
	warmPause = time.Second
)

// warmUp fetches the base data of the first deals of each city and has their cards made, so that the first visitors need not wait for them. It
// tries again until it succeeds or ctx ends.
func (s *server) warmUp(ctx context.Context) error {
	for _, city := range s.cfg.Cities.Names {
		for s.warmCity(ctx, city) != nil {
			select {
			case <-time.After(warmPause):
			case <-ctx.Done():
				return nil
			}
		}
	}
	return nil
}

func (s *server) warmCity(ctx context.Context, city string) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.RequestTimeout)
	defer cancel()
	deals, err := s.composer.Deals(ctx, city, warmDeals)
	if err != nil || len(deals) == 0 {
		return err
	}
	missing, err := s.withoutCard(ctx, deals)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = s.refresher.Refresh(ctx, missing)
	return err
}

// withoutCard returns the ids of the deals that have no card.
func (s *server) withoutCard(ctx context.Context, deals []card.Deal) ([]string, error) {
	ids := make([]string, len(deals))
	for i, deal := range deals {
		ids[i] = deal.ID
	}
	entries, err := s.cards.Get(ctx, ids)
	if err != nil {
		return nil, err
	}
	var missing []string
	for i, entry := range entries {
		if !entry.Found() {
			missing = append(missing, ids[i])
		}
	}
	return missing, nil
}
