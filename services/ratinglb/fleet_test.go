package ratinglb_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/settings"
	"deals.example/internal/upstream"
	"deals.example/services/ratinglb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	replicaA = "http://127.0.0.1:3004"
	replicaB = "http://127.0.0.1:3006"
	replicaC = "http://127.0.0.1:3008"

	ratingJSON = `{"dealId":"d-00001","rating":3.3}`
)

// behaviour is how a replica answers a request.
type behaviour func(*http.Request) (*http.Response, error)

// fleet is a RoundTripper that answers for several replicas, so that a test can run in a synctest bubble.
type fleet struct {
	mu      sync.Mutex
	lookups map[string]behaviour
	checks  map[string]behaviour
	asked   map[string]int // lookups
}

func newFleet(replicas ...string) *fleet {
	f := &fleet{lookups: map[string]behaviour{}, checks: map[string]behaviour{}, asked: map[string]int{}}
	for _, replica := range replicas {
		f.set(replica, healthy, healthy)
	}
	return f
}

func (f *fleet) set(replica string, lookups, checks behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lookups[replica], f.checks[replica] = lookups, checks
}

func (f *fleet) RoundTrip(r *http.Request) (*http.Response, error) {
	replica := "http://" + r.URL.Host
	f.mu.Lock()
	reply := f.lookups[replica]
	if strings.HasPrefix(r.URL.Path, "/readyz") {
		reply = f.checks[replica]
	} else {
		f.asked[replica]++
	}
	f.mu.Unlock()
	return reply(r)
}

// times returns how many lookups a replica got.
func (f *fleet) times(replica string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[replica]
}

func healthy(*http.Request) (*http.Response, error) { return answer(200, ratingJSON), nil }

func failing(*http.Request) (*http.Response, error) { return answer(503, ""), nil }

func unknown(*http.Request) (*http.Response, error) { return answer(404, "{}"), nil }

func dead(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// defaults are the settings of an empty environment, with these targets.
func defaults(t *testing.T, targets ...string) ratinglb.Config {
	t.Helper()
	var cfg ratinglb.Config
	require.NoError(t, settings.Load(map[string]string{"LB_TARGETS": strings.Join(targets, ",")}, &cfg))
	return cfg
}

// start runs a balancer over the fleet in a synctest bubble until the test ends, and returns it after the first health checks.
func start(t *testing.T, f *fleet, targets ...string) (balancer *ratinglb.Balancer, reg *prometheus.Registry) {
	t.Helper()
	reg = prometheus.NewRegistry()
	balancer, err := ratinglb.New(defaults(t, targets...), upstream.Deps{Registry: reg, Transport: f})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() { _ = balancer.Run(ctx) }()
	synctest.Wait()
	return balancer, reg
}

// lookups asks n times, one after the other, and returns how many were answered.
func lookups(t *testing.T, b *ratinglb.Balancer, n int) (answered int) {
	t.Helper()
	for range n {
		if _, err := b.Rating(t.Context(), "d-00001"); err == nil {
			answered++
		}
	}
	return answered
}

// pass waits in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

// statsOf returns the stats of one replica.
func statsOf(t *testing.T, b *ratinglb.Balancer, replica string) ratinglb.Stats {
	t.Helper()
	for _, s := range b.Stats() {
		if s.Target == replica {
			return s
		}
	}
	require.Failf(t, "no such target", replica)
	return ratinglb.Stats{}
}
