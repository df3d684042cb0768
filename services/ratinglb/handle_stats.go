package ratinglb

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
)

// Stats are the counts of one replica since the start.
type Stats struct {
	Target     string     `json:"target"`
	Requests   uint64     `json:"requests"`
	Errors     uint64     `json:"errors"`
	Healthy    bool       `json:"healthy"`
	Ejected    bool       `json:"ejected"`
	LastStatus *int       `json:"lastStatus"` // null: the last attempt got no response
	LastError  *string    `json:"lastError"`  // of the last failed request or health check
	LastUsed   *time.Time `json:"lastUsed"`
}

// Stats returns the stats of the replicas in the order of the settings.
func (b *Balancer) Stats() []Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Stats, 0, len(b.targets))
	for _, t := range b.targets {
		all = append(all, Stats{
			Target: t.name, Requests: t.requests, Errors: t.errors,
			Healthy: t.healthy(), Ejected: !t.ejectedUntil.IsZero(),
			LastStatus: known(t.lastStatus), LastError: known(t.lastError), LastUsed: known(t.lastUsed),
		})
	}
	return all
}

// known returns nil for a zero value.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func stats(balancer *Balancer) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"targets": balancer.Stats(), "meta": problem.NewMeta(c.Request.Context())})
	}
}
