package card

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/redisclient"
)

// clearBatch is the number of keys per round trip of Clear.
const clearBatch = 1000

// Clear removes all cards, and returns their number. It is for labs that start with an empty read model.
func (s *Store) Clear(ctx context.Context) (int, error) {
	var removed atomic.Int64
	err := redisclient.EachMaster(ctx, s.redis, func(ctx context.Context, node *redis.Client) error { return clearNode(ctx, node, &removed) })
	return int(removed.Load()), err
}

// clearNode removes the cards of a node, and adds their number to removed.
func clearNode(ctx context.Context, node *redis.Client, removed *atomic.Int64) error {
	var cursor uint64
	for {
		keys, next, err := node.Scan(ctx, cursor, cardPrefix+"*", clearBatch).Result()
		if err != nil {
			return fmt.Errorf("find deal cards: %w", err)
		}
		if err := unlink(ctx, node, keys); err != nil {
			return fmt.Errorf("remove deal cards: %w", err)
		}
		removed.Add(int64(len(keys)))
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// unlink removes keys in one round trip. Each has its own command, since the keys are in different slots of a Redis Cluster.
func unlink(ctx context.Context, node *redis.Client, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := node.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, key := range keys {
			pipe.Unlink(ctx, key)
		}
		return nil
	})
	return err
}
