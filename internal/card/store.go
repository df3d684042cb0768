package card

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/settings"
)

const (
	saveTimeout = 250 * time.Millisecond // of Save
	oneTimeout  = 20 * time.Millisecond  // of One
)

// Keys, each followed by the deal's id.
const (
	cardPrefix    = "experience:deal-card:v1:"
	refreshPrefix = "experience:deal-refresh:v1:"
)

// Config is the settings of a Store.
type Config struct {
	TTL             time.Duration
	StaleAfter      time.Duration
	RefreshCooldown time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.TTL, "READ_MODEL_TTL", 15*time.Minute).Between(time.Second, 24*time.Hour).
		Help("how long a deal card is kept")
	s.Duration(&c.StaleAfter, "READ_MODEL_STALE_AFTER", 120*time.Second).Between(100*time.Millisecond, 24*time.Hour).
		Help("age from which a deal card is served but refreshed")
	s.Duration(&c.RefreshCooldown, "READ_MODEL_REFRESH_COOLDOWN", 15*time.Second).Between(100*time.Millisecond, time.Hour).
		Help("minimum time between two refreshes of a deal by any replica")
}

// Entry is a stored card. Encoded is nil when there is none.
type Entry struct {
	Encoded   []byte // JSON of a Card
	UpdatedAt time.Time
}

// Found reports whether there is a card.
func (e Entry) Found() bool { return e.Encoded != nil }

// Store keeps cards in Redis. It may be used concurrently.
type Store struct {
	redis redis.UniversalClient
	cfg   Config
}

// NewStore returns a store that uses client. It does not close it.
func NewStore(client redis.UniversalClient, cfg Config) *Store {
	return &Store{redis: client, cfg: cfg}
}

// Get reads the cards of the deals in one round trip. The entries are in the order of ids. A value that is not a card counts as none.
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

// One returns the card of a deal, and whether there is one. It waits at most 20 ms for Redis.
func (s *Store) One(ctx context.Context, id string) (Card, bool) {
	ctx, cancel := context.WithTimeout(ctx, oneTimeout)
	defer cancel()
	entries, err := s.Get(ctx, []string{id})
	if err != nil || !entries[0].Found() {
		return Card{}, false
	}
	var card Card
	err = json.Unmarshal(entries[0].Encoded, &card)
	return card, err == nil
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
		return Entry{} // serving it would break the list
	}
	return Entry{Encoded: encoded, UpdatedAt: head.UpdatedAt}
}

// Save stores a card that a request composed, unless it is not worth storing. It takes at most 250 ms, and continues when the request ends.
func (s *Store) Save(ctx context.Context, card Card) error {
	if !card.WorthStoring() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	return s.Put(ctx, card)
}

// Put stores a card for the configured time.
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

// Stale reports whether a card composed at updatedAt should be refreshed.
func (s *Store) Stale(updatedAt, now time.Time) bool { return now.Sub(updatedAt) >= s.cfg.StaleAfter }

// ClaimRefresh claims the refresh of deals and returns those that no replica had claimed within the cooldown.
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

// ReleaseRefresh gives up claims, so that they can be claimed again at once.
func (s *Store) ReleaseRefresh(ctx context.Context, ids []string) error {
	_, err := s.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, id := range ids {
			pipe.Del(ctx, refreshPrefix+id)
		}
		return nil
	})
	return err
}
