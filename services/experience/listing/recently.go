package listing

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Redis decides which replica may refresh a deal. Within one process the same question is not asked twice a second.
const (
	recentDeals = 10_000
	recentFor   = time.Second
)

// recently remembers for a moment which deals were asked about.
type recently struct {
	claimed *lru.Cache[string, time.Time]
}

func newRecently() (*recently, error) {
	claimed, err := lru.New[string, time.Time](recentDeals)
	return &recently{claimed: claimed}, err
}

// claim reports whether id was not claimed within the last moment, and claims it. Of two that claim at once both may get it,
// which Redis then sorts out.
func (r *recently) claim(id string) bool {
	now := time.Now()
	if at, ok := r.claimed.Get(id); ok && now.Sub(at) < recentFor {
		return false
	}
	r.claimed.Add(id, now)
	return true
}
