package experience_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/problem"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

// lossyProxy is a proxy of a Redis. After a connection carries a command with the marker, the proxy drops its answers, or its commands if
// commands is set.
type lossyProxy struct {
	listener net.Listener
	target   string
	marker   []byte
	commands bool
	losing   atomic.Bool
	open     sync.WaitGroup
}

func newLossyProxy(t *testing.T, target, marker string, commands bool) *lossyProxy {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &lossyProxy{listener: listener, target: target, marker: []byte(marker), commands: commands}
	p.open.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.open.Go(func() { p.serve(t.Context(), client) })
		}
	})
	t.Cleanup(func() { // after the API is stopped, which closes its connections
		_ = listener.Close()
		p.open.Wait()
	})
	return p
}

func (p *lossyProxy) url() string { return "redis://" + p.listener.Addr().String() + "/0" }

func (p *lossyProxy) serve(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var lost atomic.Bool
	p.open.Go(func() {
		_, _ = io.Copy(writerFunc(func(chunk []byte) (int, error) {
			if lost.Load() {
				return len(chunk), nil
			}
			return client.Write(chunk)
		}), server)
	})
	_, _ = io.Copy(writerFunc(func(chunk []byte) (int, error) {
		if p.losing.Load() && bytes.Contains(chunk, p.marker) {
			lost.Store(true)
		}
		if lost.Load() && p.commands {
			return len(chunk), nil
		}
		return server.Write(chunk)
	}), client)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(chunk []byte) (int, error) { return f(chunk) }

// lossyAPI returns an API whose Redis loses answers, or commands, that contain the marker.
func lossyAPI(t *testing.T, marker string, commands bool) (*api, *lossyProxy) {
	t.Helper()
	server := testkit.Redis(t, "--appendfsync", "no")
	proxy := newLossyProxy(t, server.Addr, marker, commands)
	environ := impatient()
	environ["REDIS_URL"] = proxy.url()
	a := newAPI(t, environ)
	a.redis = server
	return a, proxy
}

func TestPurchaseWithUnknownOutcomeCanBeRepeated(t *testing.T) {
	const body = `{"dealId":"d-00008","quantity":2}`
	for name, tc := range map[string]struct {
		commands bool // lost, else the answers
		key      string
		pending  int
	}{
		"answer lost":           {false, "", 1},
		"answer lost with key":  {false, "mine", 1},
		"command lost":          {true, "", 0},
		"command lost with key": {true, "mine", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, proxy := lossyAPI(t, schema.Pending(queue.Critical), tc.commands)
			require.Equal(t, http.StatusAccepted, a.buy(t, "", body).Status, "Redis has the scripts")
			proxy.losing.Store(true)
			answer := a.buy(t, tc.key, body)
			assert.Equal(t, http.StatusGatewayTimeout, answer.Status, answer.Body)
			assert.Equal(t, problem.CodeOutcomeUnknown, bodyOf(t, answer).Code)
			assert.Empty(t, answer.Header.Get("Retry-After"))
			id := bodyOf(t, answer).PurchaseID
			require.True(t, purchase.ValidID(id), answer.Body)
			assert.Equal(t, 1+tc.pending, a.pending(t, queue.Critical))

			proxy.losing.Store(false)
			assert.Equal(t, http.StatusOK, a.Get(t, "/api/purchase/"+id).Status)
			for _, key := range []string{id, tc.key, id} {
				if key == "" {
					continue
				}
				again := a.buy(t, key, body)
				assert.Equal(t, http.StatusAccepted, again.Status, again.Body)
				assert.Equal(t, id, bodyOf(t, again).PurchaseID)
			}
			assert.Equal(t, 2, a.pending(t, queue.Critical))
			assert.Equal(t, http.StatusConflict, a.buy(t, id, `{"dealId":"d-00001","quantity":2}`).Status)
		})
	}
}

func TestBatchWithUnknownOutcome(t *testing.T) {
	a, proxy := lossyAPI(t, `"reason":"batch"`, false)
	require.Equal(t, http.StatusAccepted, a.Post(t, "/api/enrichment-jobs", `{"count":1}`).Status, "Redis has the scripts")
	proxy.losing.Store(true)
	answer := a.Post(t, "/api/enrichment-jobs", `{"count":5}`)
	assert.Equal(t, http.StatusGatewayTimeout, answer.Status, answer.Body)
	assert.Equal(t, problem.CodeOutcomeUnknown, bodyOf(t, answer).Code)
	assert.Contains(t, answer.Body, `"unconfirmed":5`)
	assert.Equal(t, 6, a.pending(t, queue.Enrichment))
}
