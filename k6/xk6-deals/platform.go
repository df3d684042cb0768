package deals

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
)

// Platform is one virtual user's client of the experience API. Its calls return promises of an Answer. Without a response the status is 0;
// the promise is not rejected, so a load continues while the platform is down.
type Platform struct {
	module    *module
	target    *url.URL
	patience  time.Duration // for an answer; then the request has failed
	timeline  bool          // requests are measured for the timeline output
	tenants   []string      // one of them, at random, sends each request
	tagTenant bool          // whether the samples of a request have its tenant as a tag
	sent      int           // numbers the requests
}

// newPlatform is the constructor: new Platform({target: 'http://127.0.0.1:3000', patienceMs: 1000, tenants: ['tenant-0']}).
func (m *module) newPlatform(call sobek.ConstructorCall) *sobek.Object {
	rt := m.vu.Runtime()
	var options struct {
		Target     string   `js:"target"`
		PatienceMs float64  `js:"patienceMs"`
		Timeline   bool     `js:"timeline"`
		Tenants    []string `js:"tenants"`
		TagTenant  bool     `js:"tagTenant"`
	}
	if err := rt.ExportTo(call.Argument(0), &options); err != nil {
		common.Throw(rt, fmt.Errorf("new Platform: %w", err))
	}
	target, err := url.Parse(strings.TrimSuffix(options.Target, "/"))
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		common.Throw(rt, fmt.Errorf("new Platform: target: got %q, want a URL such as http://127.0.0.1:3000", options.Target))
	}
	if options.PatienceMs < 0 || options.PatienceMs > maxPatience.Seconds()*1000 {
		common.Throw(rt, fmt.Errorf("new Platform: patienceMs: got %g, want 0 to %g", options.PatienceMs, maxPatience.Seconds()*1000))
	}
	patience := cmp.Or(time.Duration(options.PatienceMs*float64(time.Millisecond)), maxPatience)
	return rt.ToValue(&Platform{
		module: m, target: target, patience: patience, timeline: options.Timeline, tenants: options.Tenants, tagTenant: options.TagTenant,
	}).ToObject(rt)
}

// ListOptions selects a list.
type ListOptions struct {
	City  string `js:"city"`
	Limit int    `js:"limit"`
}

// List reads a list of deals.
func (p *Platform) List(options ListOptions) *sobek.Promise {
	query := url.Values{}
	if options.City != "" {
		query.Set("city", options.City)
	}
	if options.Limit != 0 {
		query.Set("limit", strconv.Itoa(options.Limit))
	}
	return p.send(request{method: http.MethodGet, route: "/api/deals", path: "/api/deals", query: query, expected: []int{http.StatusOK}})
}

// Detail reads one deal.
func (p *Platform) Detail(id string) *sobek.Promise {
	return p.send(request{method: http.MethodGet, route: "/api/deals/:id", path: "/api/deals/" + id, expected: []int{http.StatusOK}})
}

// Order is a purchase.
type Order struct {
	DealID   string `js:"dealId"   json:"dealId"`
	UserID   string `js:"userId"   json:"userId,omitempty"`
	Quantity int    `js:"quantity" json:"quantity,omitempty"`
}

// Purchase buys a deal. Accepted purchases are remembered for the audit.
func (p *Platform) Purchase(order Order) *sobek.Promise {
	return p.send(post("/api/purchase", order, http.StatusAccepted, http.StatusConflict))
}

// Batch is a batch of enrichment jobs for the deals of a city.
type Batch struct {
	Count int    `js:"count" json:"count,omitempty"`
	City  string `js:"city"  json:"city,omitempty"`
}

// Enqueue requests a batch of enrichment jobs.
func (p *Platform) Enqueue(batch Batch) *sobek.Promise {
	return p.send(post("/api/enrichment-jobs", batch, http.StatusAccepted, http.StatusTooManyRequests))
}

// HashWork is the work of a hash.
type HashWork struct {
	Payload    string `js:"payload"    json:"payload,omitempty"`
	Rounds     int    `js:"rounds"     json:"rounds,omitempty"`
	Iterations int    `js:"iterations" json:"iterations,omitempty"`
}

// Hash requests a heavy hash; way is bad or good.
func (p *Platform) Hash(way string, work HashWork) (*sobek.Promise, error) {
	if way != "bad" && way != "good" {
		return nil, fmt.Errorf("hash: way: got %q, want bad or good", way)
	}
	return p.send(post("/api/heavy-hash/"+way, work, http.StatusOK, http.StatusTooManyRequests)), nil
}

func post(path string, body any, expected ...int) request {
	return request{method: http.MethodPost, route: path, path: path, body: body, expected: expected}
}
