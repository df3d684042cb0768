package experience_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// sink discards a response, so that a benchmark does not count the allocations of a recorder.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(part []byte) (int, error) {
	s.bytes += len(part)
	return len(part), nil
}

// BenchmarkList measures GET /api/deals?limit=20 through the router with a warm read model in a real Redis and telemetry: 5 % of traces are
// sampled and exported, and metrics have exemplars. The access log is off, since it would mix with the output of the benchmark.
func BenchmarkList(b *testing.B) {
	a := newAPI(b, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": testkit.OTLP(b).TracesURL})
	for n := range 20 { // every seventh deal is in valencia
		require.Equal(b, http.StatusOK, a.Get(b, fmt.Sprintf("/api/deals/d-%05d", 7*n+1)).Status)
	}
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/deals?city=valencia&limit=20", http.NoBody)
	var out sink
	b.ReportAllocs()
	for b.Loop() {
		out = sink{header: http.Header{}}
		a.router.ServeHTTP(&out, request)
	}
	b.StopTimer()
	require.Equal(b, http.StatusOK, out.status)
	b.ReportMetric(float64(out.bytes), "bytes/answer")
	require.Equal(b, 20, bodyOf(b, a.Get(b, "/api/deals?limit=20")).Meta.ReadModel.Hits)
}
