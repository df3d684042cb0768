// Package readmodel keeps deal cards in Redis: each deal with all that the upstreams say of it, so that a list needs one round
// trip instead of a fan-out. Cards are written by whoever composed one, and go out of date by age.
package readmodel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/catalog"
)

const (
	cardPrefix    = "experience:deal-card:v1:"
	refreshPrefix = "experience:deal-refresh:v1:"
)

// Config is the settings of the read model.
type Config struct {
	TTL             time.Duration `env:"READ_MODEL_TTL" envDefault:"300s" validate:"min=1s,max=24h" help:"how long a deal card is kept"`
	StaleAfter      time.Duration `env:"READ_MODEL_STALE_AFTER" envDefault:"120s" validate:"min=100ms,max=24h" help:"age from which a deal card is served but refreshed"`
	RefreshCooldown time.Duration `env:"READ_MODEL_REFRESH_COOLDOWN" envDefault:"15s" validate:"min=100ms,max=1h" help:"least time between two refreshes of a deal, over all replicas"`
}

// Card is a deal with its parts; a part that could not be had is nil, and named in Missing.
type Card struct {
	catalog.Deal

	Price     *catalog.Price     `json:"price"`
	Inventory *catalog.Inventory `json:"inventory"`
	Rating    *catalog.Rating    `json:"rating"`
	Merchant  *catalog.Merchant  `json:"merchant"`
	Missing   []string           `json:"missing"`
	UpdatedAt *time.Time         `json:"updatedAt"` // nil for a card that was never composed
}

// Bare returns the card of a deal of which no part is known.
func Bare(deal catalog.Deal) Card {
	return Card{Deal: deal}.WithMissing()
}

// WithMissing returns the card with the names of the parts that are nil in Missing, in the order of the fields.
func (c Card) WithMissing() Card {
	c.Missing = []string{}
	for _, part := range []struct {
		name  string
		known bool
	}{
		{"price", c.Price != nil}, {"inventory", c.Inventory != nil}, {"rating", c.Rating != nil}, {"merchant", c.Merchant != nil},
	} {
		if !part.known {
			c.Missing = append(c.Missing, part.name)
		}
	}
	return c
}

// Entry is a card as it is stored. Encoded is nil when there is none.
type Entry struct {
	Encoded   []byte // JSON of a Card
	UpdatedAt time.Time
}

// Found reports whether there is a card.
func (e Entry) Found() bool { return e.Encoded != nil }

// Store is the cards in Redis. It may be used concurrently.
type Store struct {
	redis redis.UniversalClient
	cfg   Config
}

// NewStore returns a store on the given client, which it does not close.
func NewStore(client redis.UniversalClient, cfg Config) *Store {
	return &Store{redis: client, cfg: cfg}
}

// Get reads the cards of the deals in one round trip; the entries come in the order of ids. A card that can't be read counts as not there.
func (s *Store) Get(ctx context.Context, ids []string) ([]Entry, error) {
	commands := make([]*redis.StringCmd, len(ids))
	// Pipelined GETs rather than MGET: the keys of different deals lie in different slots of a Redis Cluster.
	_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, id := range ids {
			commands[i] = pipe.Get(ctx, cardPrefix+id)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, "WRONGTYPE") {
		return nil, fmt.Errorf("read deal cards: %w", err)
	}
	entries := make([]Entry, len(ids))
	for i, command := range commands {
		entries[i] = entryOf(command)
	}
	return entries, nil
}

func entryOf(command *redis.StringCmd) Entry {
	encoded, err := command.Bytes()
	if err != nil {
		return Entry{}
	}
	var head struct {
		UpdatedAt time.Time `json:"updatedAt"`
	}
	if err := json.Unmarshal(encoded, &head); err != nil || head.UpdatedAt.IsZero() {
		return Entry{} // somebody else's: serving it would break the list
	}
	return Entry{Encoded: encoded, UpdatedAt: head.UpdatedAt}
}

// Put stores a card for the time that cards are kept.
func (s *Store) Put(ctx context.Context, card Card) error {
	encoded, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("encode the card of %s: %w", card.ID, err)
	}
	if err := s.redis.Set(ctx, cardPrefix+card.ID, encoded, s.cfg.TTL).Err(); err != nil {
		return fmt.Errorf("store the card of %s: %w", card.ID, err)
	}
	return nil
}

// Stale reports whether a card of that time should be refreshed.
func (s *Store) Stale(updatedAt, now time.Time) bool { return now.Sub(updatedAt) >= s.cfg.StaleAfter }

// ClaimRefresh returns those of the deals whose refresh is up to the caller: no replica has claimed them within the cooldown.
func (s *Store) ClaimRefresh(ctx context.Context, ids []string) ([]string, error) {
	commands := make([]*redis.BoolCmd, len(ids))
	_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, id := range ids {
			commands[i] = pipe.SetNX(ctx, refreshPrefix+id, 1, s.cfg.RefreshCooldown)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim refreshes: %w", err)
	}
	var claimed []string
	for i, command := range commands {
		if command.Val() {
			claimed = append(claimed, ids[i])
		}
	}
	return claimed, nil
}

// ReleaseRefresh gives claims back whose refresh was not enqueued after all.
func (s *Store) ReleaseRefresh(ctx context.Context, ids []string) error {
	_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, id := range ids {
			pipe.Del(ctx, refreshPrefix+id)
		}
		return nil
	})
	return err
}
