package experience_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestListMetricsMatchUpstreamCalls compares the metrics of a burst of concurrent lists with the calls that the upstreams received.
func TestListMetricsMatchUpstreamCalls(t *testing.T) {
	for _, enabled := range []string{"true", "false"} {
		t.Run("read model "+enabled, func(t *testing.T) {
			a := newAPI(t, map[string]string{"HYBRID_READ_MODEL_ENABLED": enabled, "BASE_DEALS_CACHE_TTL": "20ms", "REQUEST_TIMEOUT": "30s", "UPSTREAM_TIMEOUT": "10s"})
			const clients, each = 20, 10
			var requests sync.WaitGroup
			for range clients {
				requests.Go(func() {
					for range each {
						assert.Equal(t, http.StatusOK, a.Get(t, "/api/deals?limit=3").Status)
					}
				})
			}
			requests.Wait()
			var metrics string
			var pages, parts int
			require.Eventually(t, func() bool { // a refresh in the background has ended
				metrics = a.Get(t, "/metrics").Body
				pages, parts = 0, 0
				for _, path := range a.upstreams.called() {
					if strings.HasPrefix(path, "/deals?") {
						pages++
					} else {
						parts++
					}
				}
				return strings.Contains(metrics, fmt.Sprintf("\nexperience_catalog_cache_fetches_total %d\n", pages))
			}, 5*time.Second, 10*time.Millisecond)
			count := func(metric, outcome string) (n int) {
				_, after, _ := strings.Cut(metrics, fmt.Sprintf("\n%s{outcome=%q} ", metric, outcome))
				_, err := fmt.Sscan(after, &n)
				assert.NoError(t, err, metric)
				return n
			}
			const page, composition, card = "experience_catalog_cache_outcomes_total", "experience_list_compositions_total", "experience_read_model_outcomes_total"
			assert.Positive(t, pages)
			assert.Equal(t, clients*each, count(page, "hit")+count(page, "miss")+count(page, "shared"))
			assert.Equal(t, parts, 4*count(composition, "made"))
			assert.Equal(t, 3*clients*each, count(card, "hit")+count(card, "stale")+count(card, "miss")+count(card, "bypass"))
		})
	}
}
