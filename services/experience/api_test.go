package experience_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/correlation"
	"deals.example/internal/testkit"
	"deals.example/services/experience"
)

func TestMain(m *testing.M) {
	// A client of a Redis that is gone looks for it once a second, and once more after it is closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// upstreams are the services behind the API, all on one address. A part is what stands first in a path: deals, price, inventory,
// rating, merchant.
type upstreams struct {
	*httptest.Server

	catalog *catalog.Catalog

	mu     sync.Mutex
	broken map[string]http.HandlerFunc
	calls  []string // paths with their queries
	ids    []string // correlation ids that came with them
}

func newUpstreams(tb testing.TB) *upstreams {
	tb.Helper()
	data, err := catalog.New(catalog.MinSize)
	require.NoError(tb, err)
	u := &upstreams{catalog: data, broken: map[string]http.HandlerFunc{}}
	u.Server = httptest.NewServer(u)
	tb.Cleanup(u.Close)
	return u
}

// breaks has a part answered by another handler.
func (u *upstreams) breaks(part string, handler http.HandlerFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.broken[part] = handler
}

// called returns the paths that were asked for so far, probes apart.
func (u *upstreams) called() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string{}, u.calls...)
}

// forget empties what called returns.
func (u *upstreams) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls, u.ids = nil, nil
}

func (u *upstreams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	part, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if part == "healthz" {
		return
	}
	u.mu.Lock()
	u.calls, u.ids = append(u.calls, r.URL.RequestURI()), append(u.ids, r.Header.Get(correlation.Header))
	broken := u.broken[part]
	u.mu.Unlock()
	if broken != nil {
		broken(w, r)
		return
	}
	found, ok := u.find(part, id, r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(found)
}

func (u *upstreams) find(part, id string, r *http.Request) (any, bool) {
	switch part {
	case "price":
		return found(u.catalog.Price(id))
	case "inventory":
		return found(u.catalog.Inventory(id))
	case "rating":
		return found(u.catalog.Rating(id))
	case "merchant":
		return found(u.catalog.Merchant(id))
	case "deals":
		if id != "" {
			return found(u.catalog.Deal(id))
		}
		limit, err := strconv.Atoi(r.FormValue("limit"))
		return map[string]any{"deals": u.catalog.Deals(r.FormValue("city"), limit)}, err == nil
	default:
		return nil, false
	}
}

func found[T any](value T, ok bool) (any, bool) { return value, ok }

// unavailable is an upstream that fails.
func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

// silent is an upstream that takes calls and never answers.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// api is the experience API with all that is around it.
type api struct {
	*testkit.Instance

	upstreams *upstreams
	redis     *testkit.RedisServer
	router    *gin.Engine // for calls without a network
}

func newAPI(tb testing.TB, environ map[string]string) *api {
	tb.Helper()
	a := &api{upstreams: newUpstreams(tb), redis: testkit.Redis(tb, "--appendfsync", "no")}
	settings := map[string]string{"REDIS_URL": a.redis.URL}
	for _, service := range []string{"DEAL", "PRICE", "INVENTORY", "RATING", "MERCHANT"} {
		settings[service+"_SERVICE_URL"] = a.upstreams.URL
	}
	maps.Copy(settings, environ)
	build := func(ctx context.Context, rt *app.Runtime, cfg experience.Config) error {
		a.router = rt.Router
		return experience.Build(ctx, rt, cfg)
	}
	a.Instance = testkit.Run(tb, app.Define(app.Info{Name: "experience-api", Metrics: app.ExperienceMetrics}, build), settings)
	return a
}

// answerBody is what tests look at in an answer.
type answerBody struct {
	Deals []struct {
		ID      string
		Price   *catalog.Price
		Missing []string
	}
	Deal struct {
		ID        string
		Price     *catalog.Price
		Inventory *catalog.Inventory
		Rating    *catalog.Rating
		Merchant  *catalog.Merchant
		Missing   []string
	}
	PurchaseID   string
	UserID       string
	Status       string
	Enqueued     int
	QueueDepth   int
	Threshold    int
	DigestPrefix string
	Error, Code  string
	Warnings     []string
	Meta         struct {
		RequestID string
		Mode      string
		ReadModel struct{ Hits, Stale, Misses, LiveFallback, RefreshEnqueued int }
	}
}

func bodyOf(tb testing.TB, answer testkit.Answer) answerBody {
	tb.Helper()
	var body answerBody
	require.NoError(tb, json.Unmarshal([]byte(answer.Body), &body), answer.Body)
	return body
}
