package card

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// clearBatch is the number of keys per round trip of Clear.
const clearBatch = 1000

// Clear removes all cards, and returns their number. It is for labs that start with an empty read model.
func (s *Store) Clear(ctx context.Context) (int, error) {
	removed := 0
	var cursor uint64
	for {
		keys, next, err := s.redis.Scan(ctx, cursor, cardPrefix+"*", clearBatch).Result()
		if err != nil {
			return removed, fmt.Errorf("find deal cards: %w", err)
		}
		if err := s.unlink(ctx, keys); err != nil {
			return removed, fmt.Errorf("remove deal cards: %w", err)
		}
		removed += len(keys)
		if cursor = next; cursor == 0 {
			return removed, nil
		}
	}
}

// unlink removes keys in one round trip. Each has its own command, since the keys are in different slots of a Redis Cluster.
func (s *Store) unlink(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range keys {
			pipe.Unlink(ctx, key)
		}
		return nil
	})
	return err
}
