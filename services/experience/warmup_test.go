package experience_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
)

// TestWarmUp: at the start the base data of deals is fetched, and cards that are missing are enqueued; a detail then needs no call for it.
func TestWarmUp(t *testing.T) {
	a := newAPI(t, map[string]string{"READ_MODEL_WARM_UP": "true", "CITIES": "valencia"})
	require.Eventually(t, func() bool {
		return a.pending(t, queue.Enrichment) > 20
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, http.StatusOK, a.Get(t, "/api/deals/d-00008").Status)
	assert.False(t, slices.ContainsFunc(a.upstreams.called(), func(path string) bool { return strings.HasPrefix(path, "/deals/") }))
}
