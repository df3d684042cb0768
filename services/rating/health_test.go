package rating_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/rating"
)

// TestDeepHealth: without Redis a replica answers lookups and is ready, but its deep health check fails.
func TestDeepHealth(t *testing.T) {
	redis := testkit.Redis(t)
	replica := testkit.Run(t, app.Define(app.Info{Name: "rating-service-a", Defaults: rating.Faults()}, rating.Build),
		map[string]string{"REDIS_URL": redis.URL, "FAULT_RATE": "0"})
	deep := replica.Get(t, "/readyz/deep")
	assert.Equal(t, http.StatusOK, deep.Status)
	assert.Contains(t, deep.Body, `"name":"redis","critical":true,"ok":true`)

	redis.Kill(t)
	replica.Await(t, "/readyz/deep", func(a testkit.Answer) bool { return a.Status == http.StatusServiceUnavailable })
	ready := replica.Get(t, "/readyz")
	assert.Equal(t, http.StatusOK, ready.Status)
	assert.Contains(t, ready.Body, `"dependencies":[]`)
	assert.Equal(t, http.StatusOK, replica.Get(t, "/rating/d-00017").Status)

	redis.Restart(t)
	replica.Await(t, "/readyz/deep", func(a testkit.Answer) bool { return a.Status == http.StatusOK })
}
