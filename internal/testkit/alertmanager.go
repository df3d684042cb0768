package testkit

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

// Alert is an alert as Alertmanager sends it to a webhook.
type Alert struct {
	Status      string // firing or resolved
	Labels      map[string]string
	Annotations map[string]string
}

// AlertmanagerServer is an Alertmanager with the configuration of this repository and a receiver of its webhook. It is safe for concurrent
// use.
type AlertmanagerServer struct {
	URL string

	mu       sync.Mutex
	received []Alert
}

// Alertmanager starts an Alertmanager on a free port of 127.0.0.1 and stops it when the test ends. The test fails if alertmanager is neither
// in bin/ nor on PATH.
func Alertmanager(tb testing.TB) *AlertmanagerServer {
	tb.Helper()
	process, _ := configured(tb, platform.Alertmanager, nil)
	s := &AlertmanagerServer{URL: process.URL}
	receiver := httptest.NewServer(http.HandlerFunc(s.receive))
	tb.Cleanup(receiver.Close)
	require.NoError(tb, os.WriteFile(filepath.Join(process.Dir, "webhook-url"), []byte(receiver.URL), 0o600))
	startServer(tb, process.Path, process.Dir, s.URL+"/-/ready", process.Args...)
	return s
}

func (s *AlertmanagerServer) receive(w http.ResponseWriter, r *http.Request) {
	var message struct{ Alerts []Alert }
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, message.Alerts...)
}

// Received returns the alerts received so far.
func (s *AlertmanagerServer) Received() []Alert {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}
