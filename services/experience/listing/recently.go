package listing

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Claims of refreshes are decided in Redis. A process asks Redis at most once per second for a deal.
const (
	recentDeals = 10_000
	recentFor   = time.Second
)

// recently keeps the deals whose refresh this process claimed within recentFor.
type recently struct {
	claimed *lru.Cache[string, time.Time]
}

func newRecently() (*recently, error) {
	claimed, err := lru.New[string, time.Time](recentDeals)
	return &recently{claimed: claimed}, err
}

// claim claims id and reports whether it was not claimed within recentFor. Concurrent claims of one id may both succeed; Redis then decides.
func (r *recently) claim(id string) bool {
	now := time.Now()
	if at, ok := r.claimed.Get(id); ok && now.Sub(at) < recentFor {
		return false
	}
	r.claimed.Add(id, now)
	return true
}
