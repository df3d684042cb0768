package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

const (
	listConnections = 32
	listRound       = 3 * time.Second
	listRounds      = 3
	listPath        = "/api/deals?limit=20"

	tailConnections = 50
	tailRound       = 14 * time.Second // more than four expiries
)

// telemetry returns settings that send 5 % of the traces to a process that discards them, and keep cards fresh. Metrics, exemplars and the sampled access log are
// on by default.
func telemetry(tb testing.TB) []string {
	tb.Helper()
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + startBare(tb, bareBody, ""), "OTEL_TRACES_SAMPLER_ARG=0.05",
		"READ_MODEL_STALE_AFTER=1h", "READ_MODEL_TTL=2h",
	}
}

// everysec returns the option of `deals up` and compose: Redis syncs the append-only file once a second.
func everysec() []string { return []string{"--appendfsync", "everysec"} }

// BenchmarkList compares GET /api/deals?limit=20 with a warm read model to a bare net/http handler with the same response: the throughput of
// a closed loop, then the latencies of both at half of our throughput, over more than four expiries of the page of the catalog.
func BenchmarkList(b *testing.B) {
	platform := testkit.NewPlatform(b, program, telemetry(b), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	address := platform.URL(b, "experience-api") + listPath
	bare := startBare(b, bareBody, string(warm(b, platform.URL(b, "experience-api"))))
	for b.Loop() {
		var ours, theirs []float64
		for range listRounds {
			theirs = append(theirs, drive(b, bare, listConnections, listRound).rps())
			one := drive(b, address, listConnections, listRound)
			require.Zero(b, one.failures)
			ours = append(ours, one.rps())
		}
		throughput := median(ours) / median(theirs)
		b.ReportMetric(throughput, "of-bare")
		results.add("list, warm, telemetry on, against a bare handler with the same bytes",
			fmt.Sprintf("%.0f of %.0f rps = %.2f", median(ours), median(theirs), throughput), "0.60, better 0.75")
		tail := compareTails(b, address, bare, median(ours)/2)
		b.ReportMetric(tail, "p99-of-bare")
	}
	b.ReportMetric(0, "ns/op")
}

// compareTails returns the p99 of the list as a multiple of the bare handler's, both at the same rate a second.
func compareTails(b *testing.B, address, bare string, rate float64) float64 {
	b.Helper()
	var ours, theirs []float64
	for range listRounds {
		theirs = append(theirs, ms(driveAt(b, bare, tailConnections, rate, tailRound).quantile(0.99)))
		driveAt(b, address, tailConnections, rate, time.Second) // the page of the catalog is too old after the bare handler's round
		one := driveAt(b, address, tailConnections, rate, tailRound)
		require.Zero(b, one.failures)
		ours = append(ours, ms(one.quantile(0.99)))
	}
	results.add(fmt.Sprintf("list p99 at %.0f a second, %d connections, against the bare handler's", rate, tailConnections),
		fmt.Sprintf("%.1f of %.1f ms = %.1f", median(ours), median(theirs), median(ours)/median(theirs)), "at most 4, better 2")
	return median(ours) / median(theirs)
}

// warm composes every deal of the list once and returns the body of a list that is served from cards only.
func warm(tb testing.TB, api string) []byte {
	tb.Helper()
	var list struct {
		Deals []struct{ ID string }
		Meta  struct{ ReadModel struct{ Hits int } }
	}
	fetch := func() []byte {
		body := mustGet(tb, api+listPath)
		require.NoError(tb, json.Unmarshal(body, &list))
		return body
	}
	var body []byte
	require.Eventually(tb, func() bool {
		body = fetch()
		if list.Meta.ReadModel.Hits == len(list.Deals) {
			return true
		}
		for _, deal := range list.Deals {
			mustGet(tb, api+"/api/deals/"+deal.ID)
		}
		return false
	}, time.Minute, 250*time.Millisecond)
	return body
}

func mustGet(tb testing.TB, address string) []byte {
	tb.Helper()
	return mustCall(tb, http.MethodGet, address, "", http.StatusOK)
}

// mustCall sends a request with a JSON body and returns the body of the response.
func mustCall(tb testing.TB, method, address, body string, status int) []byte {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, address, strings.NewReader(body))
	require.NoError(tb, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	require.NoError(tb, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	require.Equal(tb, status, response.StatusCode, "%s", text)
	return text
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
