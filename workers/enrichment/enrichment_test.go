package enrichment_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/admin"
	"deals.example/internal/app"
	"deals.example/internal/card"
	"deals.example/internal/criticality"
	"deals.example/internal/deadline"
	"deals.example/internal/queue"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/lab/control"
	"deals.example/workers/enrichment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a worker with its upstreams, queues and read model.
type bench struct {
	domain *testkit.Domain
	worker *testkit.Instance
	cards  *card.Store
	jobs   *queue.Client
	dlq    *queue.DLQ
}

func newBench(t *testing.T, environ map[string]string) *bench {
	t.Helper()
	b := &bench{domain: testkit.NewDomain(t)}
	server := testkit.Redis(t)
	rdb := server.Client(t)
	var cfg card.Config
	require.NoError(t, settings.Load(nil, &cfg))
	b.cards = card.NewStore(rdb, cfg)
	var err error
	b.jobs, err = queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	b.dlq, err = queue.NewDLQ(rdb)
	require.NoError(t, err)

	all := map[string]string{
		"REDIS_URL": server.URL, "LOG_LEVEL": "error", "UPSTREAM_BREAKER_FAILURE_RATE": "0",
		"FAULT_ENRICHMENT_LATENCY_MIN": "0s", "FAULT_ENRICHMENT_LATENCY_MAX": "0s", "FAULT_ENRICHMENT_RATE": "0",
	}
	maps.Copy(all, b.domain.Environ())
	maps.Copy(all, environ)
	b.worker = testkit.Run(t, app.Define(app.Info{Name: "enrichment-worker"}, enrichment.Build), all)
	return b
}

func (b *bench) refresh(t *testing.T, dealID string) {
	t.Helper()
	enqueued, err := b.jobs.EnqueueRefresh(t.Context(), []string{dealID})
	require.NoError(t, err)
	require.Equal(t, 1, enqueued)
}

// card waits for the card of a deal.
func (b *bench) card(t *testing.T, dealID string) card.Card {
	t.Helper()
	var stored card.Card
	require.Eventually(t, func() bool {
		entries, err := b.cards.Get(t.Context(), []string{dealID})
		return err == nil && entries[0].Found() && json.Unmarshal(entries[0].Encoded, &stored) == nil
	}, 20*time.Second, 10*time.Millisecond)
	return stored
}

// dead waits for a job in the DLQ.
func (b *bench) dead(t *testing.T) queue.DeadJob {
	t.Helper()
	var page queue.DeadPage
	require.Eventually(t, func() bool {
		var err error
		page, err = b.dlq.List(t.Context(), queue.Enrichment, queue.Page{})
		return err == nil && page.Total == 1
	}, 20*time.Second, 10*time.Millisecond)
	return page.Jobs[0]
}

func TestCardIsComposedAndStored(t *testing.T) {
	b := newBench(t, nil)
	b.refresh(t, "d-00007")
	stored := b.card(t, "d-00007")
	assert.Equal(t, "d-00007", stored.ID)
	assert.NotNil(t, stored.Price)
	assert.NotNil(t, stored.Inventory)
	assert.NotNil(t, stored.Rating)
	require.NotNil(t, stored.Merchant)
	assert.Equal(t, stored.MerchantID, stored.Merchant.ID)
	assert.Empty(t, stored.Missing)
	assert.WithinDuration(t, time.Now(), *stored.UpdatedAt, time.Minute)
	assert.Equal(t, 200, b.worker.Get(t, "/readyz").Status)
}

// TestCriticalityIsSwitchedLive: with the option equal, upstreams do not tell the calls of jobs from those of visitors.
func TestCriticalityIsSwitchedLive(t *testing.T) {
	b := newBench(t, nil)
	client := admin.New(map[string]string{"worker": b.worker.URL}, &http.Transport{DisableKeepAlives: true}, "")
	for deal, option := range map[string]string{"d-00009": "equal", "d-00010": "sheddable"} {
		require.NoError(t, client.Set(t.Context(), "worker", control.Path, control.Change{Control: "criticality", Option: option}, new(control.List)))
		b.refresh(t, deal)
		b.card(t, deal)
		level, ok := criticality.Extract(b.domain.Header("price"))
		assert.True(t, ok)
		assert.Equal(t, option == "sheddable", level == criticality.Sheddable, option)
	}
}

// TestCriticalityAndDeadlineOfAJobTravel: they go from the queue to the upstreams.
func TestCriticalityAndDeadlineOfAJobTravel(t *testing.T) {
	b := newBench(t, nil)
	b.refresh(t, "d-00008")
	b.card(t, "d-00008")
	for _, service := range []string{"deals", "price", "merchant"} {
		header := b.domain.Header(service)
		assert.Equal(t, "criticality=sheddable", header.Get("Baggage"), service)
		left, ok := deadline.Extract(header)
		assert.True(t, ok)
		assert.Positive(t, left, service)
	}
}

func TestMissingPartsAreNamed(t *testing.T) {
	b := newBench(t, nil)
	b.domain.Fail(http.StatusServiceUnavailable, "price", "rating")
	b.refresh(t, "d-00007")
	stored := b.card(t, "d-00007")
	assert.ElementsMatch(t, []string{"price", "rating"}, stored.Missing)
	assert.Nil(t, stored.Price)
	assert.NotNil(t, stored.Inventory)
}

func TestFailedJobs(t *testing.T) {
	tests := map[string]struct {
		dealID   string
		status   int
		broken   []string
		environ  map[string]string
		attempts int
		step     string
		want     string
	}{
		"one upstream left": {"d-00007", 503, []string{"price", "rating", "merchant"}, nil, 5, "compose", "fewer than 2 parts"},
		"no deal-service":   {"d-00007", 503, []string{"deals"}, nil, 5, "compose", "deal-service"},
		"own work":          {"d-00007", 0, nil, map[string]string{"FAULT_ENRICHMENT_RATE": "1"}, 5, "prepare", "synthetic fault"},
		"unknown deal":      {"d-99999", 404, []string{"deals"}, nil, 1, "compose", "d-99999"},
		"invalid deal id":   {"../admin/fault", 0, nil, nil, 1, "", `deal id: got "../admin/fault"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, tc.environ)
			b.domain.Fail(tc.status, tc.broken...)
			b.refresh(t, tc.dealID)
			dead := b.dead(t)
			assert.Equal(t, tc.attempts, dead.Attempts)
			assert.Equal(t, tc.step, dead.FailedStep)
			assert.Contains(t, dead.LastError, tc.want)
		})
	}
}

func TestJobIsRetriedAfterAnOutage(t *testing.T) {
	b := newBench(t, nil)
	b.domain.Fail(http.StatusServiceUnavailable, "deals")
	b.refresh(t, "d-00007")
	require.Eventually(t, func() bool {
		depth, err := b.jobs.Depth(t.Context(), queue.Enrichment)
		return err == nil && depth == 1
	}, 20*time.Second, time.Millisecond)
	b.domain.Recover()
	assert.Empty(t, b.card(t, "d-00007").Missing)
}
