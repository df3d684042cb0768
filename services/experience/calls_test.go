package experience_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
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
			pages, parts := 0, 0
			for _, path := range a.upstreams.called() {
				if strings.HasPrefix(path, "/deals?") {
					pages++
				} else {
					parts++
				}
			}
			metrics := a.Get(t, "/metrics").Body
			value := func(series string) (n int) {
				_, after, _ := strings.Cut(metrics, "\n"+series+" ")
				_, err := fmt.Sscan(after, &n)
				assert.NoError(t, err, series)
				return n
			}
			count := func(metric, outcome string) int { return value(fmt.Sprintf("%s{outcome=%q}", metric, outcome)) }
			const page, composition, card = "experience_catalog_cache_outcomes_total", "experience_list_compositions_total", "experience_read_model_outcomes_total"
			assert.Equal(t, pages, value("experience_catalog_cache_fetches_total"))
			assert.Equal(t, clients*each, count(page, "hit")+count(page, "miss")+count(page, "shared"))
			assert.Equal(t, parts, 4*count(composition, "made"))
			assert.Equal(t, 3*clients*each, count(card, "hit")+count(card, "stale")+count(card, "miss")+count(card, "bypass"))
		})
	}
}
