package deals

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/lib"
)

const (
	checkTimeout = 5 * time.Second
	maxReadiness = 1 << 20 // bytes
)

// Readiness is the readiness of the platform.
type Readiness struct {
	Status  string   `js:"status"`  // ready, degraded, not-ready
	Failing []string `js:"failing"` // failing dependencies
}

// Check returns the readiness of the platform and rejects when there is none, so that setup can end a run with a wrong target. The
// request is in no metric.
func (p *Platform) Check() *sobek.Promise {
	return promise(p.module, "asking the platform", func(ctx context.Context, state *lib.State) (Readiness, error) {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		return p.check(ctx, state.Transport)
	})
}

func (p *Platform) check(ctx context.Context, transport http.RoundTripper) (Readiness, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.target.String()+"/readyz", http.NoBody)
	if err != nil {
		return Readiness{}, err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return Readiness{}, fmt.Errorf("nothing answers at %s: %w; is the platform running? (make up)", p.target, err)
	}
	defer func() { _ = response.Body.Close() }()
	var said struct {
		Status       string
		Dependencies []struct {
			Name string
			OK   bool
		}
	}
	err = json.NewDecoder(io.LimitReader(response.Body, maxReadiness)).Decode(&said)
	if err != nil || said.Status == "" {
		return Readiness{}, fmt.Errorf("%s is not the experience API: GET /readyz answers %s", p.target, response.Status)
	}
	readiness := Readiness{Status: said.Status}
	for _, dependency := range said.Dependencies {
		if !dependency.OK {
			readiness.Failing = append(readiness.Failing, dependency.Name)
		}
	}
	return readiness, nil
}

// String returns a text such as "degraded: price".
func (r Readiness) String() string { return r.Status + ": " + strings.Join(r.Failing, ", ") }
