package enrichment_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/queue"
	"deals.example/internal/readmodel"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/workers/enrichment"
)

// market is all domain services as one server, of which parts can be broken.
type market struct {
	catalog *catalog.Catalog
	mu      sync.Mutex
	broken  map[string]bool
}

func (m *market) breakDown(t *testing.T, services ...string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = map[string]bool{}
	for _, service := range services {
		m.broken[service] = true
	}
}

func (m *market) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, id := r.PathValue("service"), r.PathValue("id")
	m.mu.Lock()
	broken := m.broken[service]
	m.mu.Unlock()
	if broken {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	found, ok := m.find(service, id)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(found)
}

func (m *market) find(service, id string) (any, bool) {
	switch service {
	case "deals":
		return found(m.catalog.Deal(id))
	case "price":
		return found(m.catalog.Price(id))
	case "inventory":
		return found(m.catalog.Inventory(id))
	case "rating":
		return found(m.catalog.Rating(id))
	case "merchant":
		return found(m.catalog.Merchant(id))
	default:
		return nil, false
	}
}

func found[T any](value T, ok bool) (any, bool) { return value, ok }

// bench is a worker with all that is around it.
type bench struct {
	*market

	worker *testkit.Instance
	cards  *readmodel.Store
	jobs   *queue.Client
	dlq    *queue.DLQ
}

func newBench(t *testing.T, environ map[string]string) *bench {
	t.Helper()
	data, err := catalog.New(catalog.MinSize)
	require.NoError(t, err)
	b := &bench{market: &market{catalog: data}}
	mux := http.NewServeMux()
	mux.Handle("GET /{service}/{id}", b.market)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	upstreams := httptest.NewServer(mux)
	t.Cleanup(upstreams.Close)

	server := testkit.Redis(t)
	rdb := server.Client(t)
	var cfg readmodel.Config
	require.NoError(t, settings.Load(&cfg, nil))
	b.cards = readmodel.NewStore(rdb, cfg)
	b.jobs, err = queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	b.dlq, err = queue.NewDLQ(rdb)
	require.NoError(t, err)

	all := map[string]string{
		"REDIS_URL": server.URL, "LOG_LEVEL": "error", "UPSTREAM_BREAKER_FAILURE_RATE": "0",
		"FAULT_ENRICHMENT_LATENCY_MIN": "0s", "FAULT_ENRICHMENT_LATENCY_MAX": "0s", "FAULT_ENRICHMENT_RATE": "0",
	}
	for _, name := range []string{"DEAL", "PRICE", "INVENTORY", "RATING", "MERCHANT"} {
		all[name+"_SERVICE_URL"] = upstreams.URL
	}
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
func (b *bench) card(t *testing.T, dealID string) readmodel.Card {
	t.Helper()
	var card readmodel.Card
	require.Eventually(t, func() bool {
		entries, err := b.cards.Get(t.Context(), []string{dealID})
		return err == nil && entries[0].Found() && json.Unmarshal(entries[0].Encoded, &card) == nil
	}, 20*time.Second, 10*time.Millisecond)
	return card
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
	card := b.card(t, "d-00007")
	want, _ := b.catalog.Deal("d-00007")
	assert.Equal(t, want, card.Deal)
	assert.NotNil(t, card.Price)
	assert.NotNil(t, card.Inventory)
	assert.NotNil(t, card.Rating)
	require.NotNil(t, card.Merchant)
	assert.Equal(t, want.MerchantID, card.Merchant.ID)
	assert.Empty(t, card.Missing)
	assert.WithinDuration(t, time.Now(), *card.UpdatedAt, time.Minute)
	assert.Equal(t, 200, b.worker.Get(t, "/readyz").Status)
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	b := newBench(t, nil)
	b.breakDown(t, "price", "rating")
	b.refresh(t, "d-00007")
	card := b.card(t, "d-00007")
	assert.ElementsMatch(t, []string{"price", "rating"}, card.Missing)
	assert.Nil(t, card.Price)
	assert.NotNil(t, card.Inventory)
}

func TestJobsThatFail(t *testing.T) {
	tests := map[string]struct {
		dealID   string
		broken   []string
		environ  map[string]string
		attempts int
		step     string
		want     string
	}{
		"one upstream left": {"d-00007", []string{"price", "rating", "merchant"}, nil, 5, "compose", "fewer than 2 upstreams answered"},
		"no deal-service":   {"d-00007", []string{"deals"}, nil, 5, "compose", "deal-service"},
		"own work":          {"d-00007", nil, map[string]string{"FAULT_ENRICHMENT_RATE": "1"}, 5, "prepare", "synthetic fault"},
		"unknown deal":      {"d-99999", nil, nil, 1, "compose", "d-99999"},
		"no deal's id":      {"../admin/fault", nil, nil, 1, "", "no deal's id"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, tc.environ)
			b.breakDown(t, tc.broken...)
			b.refresh(t, tc.dealID)
			dead := b.dead(t)
			assert.Equal(t, tc.attempts, dead.Attempts)
			assert.Equal(t, tc.step, dead.FailedStep)
			assert.Contains(t, dead.LastError, tc.want)
		})
	}
}

func TestJobSurvivesAnOutageOfItsUpstreams(t *testing.T) {
	b := newBench(t, nil)
	b.breakDown(t, "deals")
	b.refresh(t, "d-00007")
	require.Eventually(t, func() bool {
		depth, err := b.jobs.Depth(t.Context(), queue.Enrichment)
		return err == nil && depth == 1
	}, 20*time.Second, time.Millisecond)
	b.breakDown(t)
	assert.Empty(t, b.card(t, "d-00007").Missing)
}
