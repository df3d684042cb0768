package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

// Alert is an alert as Alertmanager sends it to a webhook.
type Alert struct {
	Status       string // firing or resolved
	Labels       map[string]string
	Annotations  map[string]string
	GeneratorURL string
}

// Notification is a message of Alertmanager to a webhook.
type Notification struct {
	Receiver    string
	Status      string // firing if one of the alerts is, else resolved
	ExternalURL string
	Alerts      []Alert
}

// AlertmanagerServer is an Alertmanager with the configuration of this repository and a receiver of its webhook. It is safe for concurrent
// use.
type AlertmanagerServer struct {
	*serverProcess

	URL string

	mu       sync.Mutex
	received []Notification
}

// Alertmanager starts an Alertmanager on a free port of 127.0.0.1 and stops it when the test ends. The test fails if alertmanager is neither
// in bin/ nor on PATH.
func Alertmanager(tb testing.TB) *AlertmanagerServer {
	tb.Helper()
	return FastAlertmanager(tb, 1)
}

// FastAlertmanager is Alertmanager, but all its times are divided by speed.
func FastAlertmanager(tb testing.TB, speed int) *AlertmanagerServer {
	tb.Helper()
	process, _ := configured(tb, platform.Alertmanager, nil)
	speedUp(tb, filepath.Join(process.Dir, "alertmanager.yml"), speed)
	s := &AlertmanagerServer{URL: process.URL}
	receiver := httptest.NewServer(http.HandlerFunc(s.receive))
	tb.Cleanup(receiver.Close)
	require.NoError(tb, os.WriteFile(filepath.Join(process.Dir, "webhook-url"), []byte(receiver.URL), 0o600))
	s.serverProcess = startServer(tb, process.Path, process.Dir, s.URL+"/-/ready", process.Args...)
	return s
}

var groupTime = regexp.MustCompile(`(group_wait|group_interval|repeat_interval): (\w+)`)

func speedUp(tb testing.TB, file string, speed int) {
	tb.Helper()
	config, err := os.ReadFile(file) //nolint:gosec // G304: the test's own folder
	require.NoError(tb, err)
	config = groupTime.ReplaceAllFunc(config, func(setting []byte) []byte {
		match := groupTime.FindSubmatch(setting)
		length, err := time.ParseDuration(string(match[2]))
		require.NoError(tb, err)
		return fmt.Appendf(nil, "%s: %dms", match[1], (length / time.Duration(speed)).Milliseconds())
	})
	require.NoError(tb, os.WriteFile(file, config, 0o600)) //nolint:gosec // G703: the same file
}

// Send makes the alerts with these labels fire from now on, or end.
func (s *AlertmanagerServer) Send(tb testing.TB, labels []map[string]string, firing bool) {
	tb.Helper()
	type posted struct {
		Labels map[string]string `json:"labels"`
		EndsAt time.Time         `json:"endsAt"`
	}
	ends := time.Now()
	if firing {
		ends = ends.Add(time.Hour)
	}
	alerts := make([]posted, 0, len(labels))
	for _, each := range labels {
		alerts = append(alerts, posted{each, ends})
	}
	body, err := json.Marshal(alerts)
	require.NoError(tb, err)
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, s.URL+"/api/v2/alerts", bytes.NewReader(body))
	require.NoError(tb, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	require.NoError(tb, err)
	assert.Equal(tb, http.StatusOK, response.StatusCode)
	require.NoError(tb, response.Body.Close())
}

func (s *AlertmanagerServer) receive(w http.ResponseWriter, r *http.Request) {
	var message Notification
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, message)
}

// Notifications returns the notifications received so far, in their order.
func (s *AlertmanagerServer) Notifications() []Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

// Received returns the alerts of the notifications received so far.
func (s *AlertmanagerServer) Received() (alerts []Alert) {
	for _, notification := range s.Notifications() {
		alerts = append(alerts, notification.Alerts...)
	}
	return alerts
}
