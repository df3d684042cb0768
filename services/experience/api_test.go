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
	"deals.example/internal/card"
	"deals.example/internal/correlation"
	"deals.example/internal/dealid"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/services/deal"
	"deals.example/services/experience"
	"deals.example/services/inventory"
	"deals.example/services/merchant"
	"deals.example/services/price"
	"deals.example/services/rating"
)

func TestMain(m *testing.M) {
	// A client of an unavailable Redis dials once a second, and once more after it is closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// upstreams serves all domain services at one address. A part is the first path segment: deals, price, inventory, rating or merchant.
type upstreams struct {
	*httptest.Server

	catalog deal.Catalog

	mu     sync.Mutex
	broken map[string]http.HandlerFunc
	calls  []string // paths with their queries
	ids    []string // correlation ids that came with them
}

func newUpstreams(tb testing.TB) *upstreams {
	tb.Helper()
	u := &upstreams{catalog: deal.Catalog{Size: 220}, broken: map[string]http.HandlerFunc{}}
	require.NoError(tb, settings.Load(nil, &u.catalog.Cities))
	u.Server = httptest.NewServer(u)
	tb.Cleanup(u.Close)
	return u
}

// breaks replaces the handler of a part.
func (u *upstreams) breaks(part string, handler http.HandlerFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.broken[part] = handler
}

// called returns the requested paths, without probes.
func (u *upstreams) called() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string{}, u.calls...)
}

// forget clears the recorded calls.
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

func (u *upstreams) find(part, id string, r *http.Request) (answer any, found bool) {
	if part == "merchant" {
		return merchant.Find(id)
	}
	if part == "deals" && id == "" {
		limit, err := strconv.Atoi(r.FormValue("limit"))
		return map[string]any{"deals": u.catalog.Deals(r.FormValue("city"), limit)}, err == nil
	}
	n, ok := dealid.Number(id)
	if !ok || n < 1 || n > u.catalog.Size {
		return nil, false
	}
	switch part {
	case "deals":
		return u.catalog.Deal(n), true
	case "price":
		return price.Of(n), true
	case "inventory":
		return inventory.Of(n), true
	case "rating":
		return rating.Of(n), true
	default:
		return nil, false
	}
}

// unavailable answers 503.
func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

// silent never answers.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// api is the experience API with its upstreams and Redis.
type api struct {
	*testkit.Instance

	upstreams *upstreams
	redis     *testkit.RedisServer
	router    *gin.Engine // for calls without a network
}

func newAPI(tb testing.TB, environ map[string]string) *api {
	tb.Helper()
	a := &api{upstreams: newUpstreams(tb), redis: testkit.Redis(tb, "--appendfsync", "no")}
	environment := map[string]string{"REDIS_URL": a.redis.URL, "READ_MODEL_WARM_UP": "false"}
	for _, service := range []string{"DEAL", "PRICE", "INVENTORY", "RATING", "MERCHANT"} {
		environment[service+"_SERVICE_URL"] = a.upstreams.URL
	}
	maps.Copy(environment, environ)
	build := func(ctx context.Context, rt *app.Runtime, cfg experience.Config) error {
		a.router = rt.Router
		return experience.Build(ctx, rt, cfg)
	}
	a.Instance = testkit.Run(tb, app.Define(app.Info{Name: "experience-api", Metrics: app.ExperienceMetrics, Public: true}, build), environment)
	return a
}

// answerBody is the fields of answers that tests check.
type answerBody struct {
	Deals []struct {
		ID      string
		Price   *card.Price
		Missing []string
	}
	Deal struct {
		ID        string
		Price     *card.Price
		Inventory *card.Inventory
		Rating    *card.Rating
		Merchant  *card.Merchant
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
