package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// BenchmarkTelemetry compares lists with traces, logs and profiles sent to receivers to lists without. Metrics and the sampled access log are on
// in both.
func BenchmarkTelemetry(b *testing.B) {
	receiver := testkit.OTLP(b)
	profiles := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	b.Cleanup(profiles.Close)
	platform := testkit.NewPlatform(b, program, []string{"READ_MODEL_STALE_AFTER=1h", "READ_MODEL_TTL=2h"}, everysec())
	platform.Start(b, testkit.Upstreams())
	silent := platform.StartReplica(b, "experience-api", "INSTANCE_ID=silent")
	telling := platform.StartReplica(b, "experience-api", "INSTANCE_ID=telling",
		"OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.TracesURL, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT="+receiver.LogsURL, "PYROSCOPE_URL="+profiles.URL)
	warm(b, silent.URL)
	warm(b, telling.URL)
	for b.Loop() {
		var on, off []float64
		for range listRounds {
			for _, one := range []struct {
				url string
				rps *[]float64
			}{{silent.URL, &off}, {telling.URL, &on}} {
				driven := drive(b, one.url+listPath, listConnections, listRound)
				require.Zero(b, driven.failures)
				*one.rps = append(*one.rps, driven.rps())
			}
		}
		ratio := median(on) / median(off)
		b.ReportMetric(ratio, "on/off")
		results.add("list with traces, logs and profiles sent, against none",
			fmt.Sprintf("%.0f of %.0f rps = %.2f", median(on), median(off), ratio), "at least 0.85")
	}
	b.ReportMetric(0, "ns/op")
}
