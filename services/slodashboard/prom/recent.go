package prom

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"deals.example/internal/flight"
)

// recent keeps the last answers, and makes concurrent callers share one lookup. It does not keep failures. Keys contain the time, so an answer
// does not expire.
type recent[K comparable, V any] struct {
	answers *lru.Cache[K, V]
	flights *flight.Group[K, V]
}

func newRecent[K comparable, V any](size int, timeout time.Duration) *recent[K, V] {
	answers, err := lru.New[K, V](size)
	if err != nil {
		panic(fmt.Sprintf("size %d: %v", size, err)) // a constant
	}
	return &recent[K, V]{answers: answers, flights: flight.New[K, V](timeout)}
}

// get returns the answer for a key, which find looks up if it is not kept.
func (r *recent[K, V]) get(ctx context.Context, key K, find func(context.Context) (V, error)) (V, error) {
	if answer, kept := r.answers.Get(key); kept {
		return answer, nil
	}
	answer, _, err := r.flights.Do(ctx, key, func(ctx context.Context) (V, error) {
		if answer, kept := r.answers.Get(key); kept { // a flight landed since this caller looked
			return answer, nil
		}
		answer, err := find(ctx)
		if err == nil {
			r.answers.Add(key, answer)
		}
		return answer, err
	})
	return answer, err
}
