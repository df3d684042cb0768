package observability_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// profileReceiver records the profiles pushed to it.
type profileReceiver struct {
	*httptest.Server

	mu    sync.Mutex
	names []string // of the applications, with their tags
	parts []string // the sample types that were described, as JSON
}

func newProfileReceiver(t *testing.T) *profileReceiver {
	t.Helper()
	r := &profileReceiver{}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *profileReceiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path != "/ingest" || request.ParseMultipartForm(8<<20) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = append(r.names, request.URL.Query().Get("name"))
	for _, described := range request.MultipartForm.File["sample_type_config"] {
		file, err := described.Open()
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(file)
		r.parts = append(r.parts, string(text))
	}
}

func TestProfilesAreDelivered(t *testing.T) {
	receiver := newProfileReceiver(t)
	telemetry := start(t, map[string]string{"PYROSCOPE_URL": receiver.URL}, io.Discard)
	shutdown(t, telemetry)

	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	require.NotEmpty(t, receiver.names)
	for _, name := range receiver.names {
		assert.Contains(t, name, "price-service")
		assert.Contains(t, name, "instance=price-1")
	}
	all := strings.Join(receiver.parts, "\n")
	for _, kind := range []string{"goroutine", "inuse_space", "alloc_objects", "contentions", "delay"} {
		assert.Contains(t, all, kind)
	}
}

func TestSpansAreLinkedToProfiles(t *testing.T) {
	traces := testkit.OTLP(t)
	environ := tracesTo(traces.TracesURL)
	environ["PYROSCOPE_URL"] = newProfileReceiver(t).URL
	telemetry := start(t, environ, io.Discard)
	ctx, span := telemetry.Tracers.Tracer("test").Start(t.Context(), "GET /price/:id")
	label, labeled := pprof.Label(ctx, "span_id")
	span.End()
	shutdown(t, telemetry)

	id := span.SpanContext().SpanID().String()
	assert.True(t, labeled, "samples taken within the span carry its id")
	assert.Equal(t, id, label)
	require.Len(t, traces.Spans(), 1)
	assert.Equal(t, id, traces.Spans()[0].Attributes["pyroscope.profile.id"])
}

func TestHangingProfileServerDoesNotDelayShutdown(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a disconnect only after the body is read
		<-r.Context().Done()
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	requireBoundedShutdown(t, start(t, map[string]string{"PYROSCOPE_URL": server.URL}, io.Discard))
}

func TestAbsentProfileServerIsLoggedOnce(t *testing.T) {
	logs := &output{}
	telemetry := start(t, map[string]string{"PYROSCOPE_URL": testkit.DeadURL(t)}, logs)
	begin := time.Now()
	shutdown(t, telemetry)
	assert.Less(t, time.Since(begin), 5*time.Second)
	assert.Len(t, logs.lines(t), 1)
}
