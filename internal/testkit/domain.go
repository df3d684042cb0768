package testkit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"deals.example/internal/platform"
)

// Domain fakes all domain services on one address. Each service, named by the first segment of the path, answers every id with a fixed
// body. It is safe for concurrent use.
type Domain struct {
	URL string

	mu       sync.Mutex
	statuses map[string]int
	bodies   map[string]string
	headers  map[string]http.Header // of the last requests
}

// NewDomain starts the services. All are healthy.
func NewDomain(tb testing.TB) *Domain {
	tb.Helper()
	d := &Domain{headers: map[string]http.Header{}}
	d.Recover()
	server := httptest.NewServer(d)
	tb.Cleanup(server.Close)
	d.URL = server.URL
	return d
}

// Recover makes all services healthy.
func (d *Domain) Recover() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.statuses = map[string]int{}
	d.bodies = map[string]string{
		"deals":     `{"id":%q,"city":"valencia","merchantId":"m-008","basePrice":64.00,"currency":"EUR"}`,
		"price":     `{"dealId":%q,"basePrice":64.00,"discountPct":18,"finalPrice":52.48,"currency":"EUR"}`,
		"inventory": `{"dealId":%q,"stock":104,"reserved":12,"available":true,"lowInventory":false}`,
		"rating":    `{"dealId":%q,"rating":4,"reviewCount":28,"recommendationRate":80}`,
		"merchant":  `{"id":%q,"name":"Quiet Garden","city":"valencia","verified":false,"since":2016}`,
	}
}

// Fail makes services answer with a status, such as 503.
func (d *Domain) Fail(status int, services ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, service := range services {
		d.statuses[service] = status
	}
}

// Answer sets the body of a service.
func (d *Domain) Answer(service, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bodies[service] = body
}

// Header returns the header of the last request to a service.
func (d *Domain) Header(service string) http.Header {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.headers[service]
}

// Environ returns the settings of clients, by variable.
func (d *Domain) Environ() map[string]string {
	environ := map[string]string{}
	api, _ := platform.Named(platform.ExperienceAPI)
	for _, name := range api.Upstreams {
		if upstream, _ := platform.Named(name); upstream.URLVar != "" {
			environ[upstream.URLVar] = d.URL
		}
	}
	return environ
}

// ServeHTTP implements http.Handler.
func (d *Domain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	d.mu.Lock()
	status, body := d.statuses[service], d.bodies[service]
	d.headers[service] = r.Header
	d.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	if strings.Contains(body, "%q") {
		body = fmt.Sprintf(body, id)
	}
	_, _ = w.Write([]byte(body)) //nolint:gosec // G705: read by tests, not by a browser
}
