package view

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/services/slodashboard/api"
)

func TestDifferencesBetweenInsideAndOutside(t *testing.T) {
	t.Parallel()
	type side struct{ errors, p95 float64 }
	for name, tc := range map[string]struct {
		inside, outside side
		requests        float64
		want            []string // the beginning of each sentence
	}{
		"equal":                           {side{0, 100}, side{0, 100}, 1000, nil},
		"within a bucket":                 {side{5, 200}, side{5.9, 240}, 10_000, nil},
		"failures are missing":            {side{13.3, 100}, side{19.06, 100}, 5000, []string{"Clients see 19.1 % errors, the API counts 13.3 %. Failures are missing"}},
		"others fail":                     {side{40, 100}, side{2, 100}, 5000, []string{"Clients see 2.0 % errors, the API counts 40.0 %. Other clients"}},
		"requests wait":                   {side{0, 100}, side{0, 900}, 1000, []string{"For clients the p95 is 900 ms, for the API 100 ms. Requests wait"}},
		"others wait":                     {side{0, 900}, side{0, 100}, 1000, []string{"For clients the p95 is 100 ms, for the API 900 ms. Other clients"}},
		"both":                            {side{0, 100}, side{50, 2000}, 1000, []string{"Clients see 50.0 %", "For clients the p95 is 2000 ms"}},
		"one of a few probes failed":      {side{0, 100}, side{100.0 / 12, 100}, 12, nil},
		"a third of a few probes failed":  {side{0, 100}, side{100.0 / 3, 100}, 12, []string{"Clients see 33.3 %"}},
		"one of a few probes was slow":    {side{0, 200}, side{0, 380}, 12, nil},
		"a few probes were all slow":      {side{0, 200}, side{0, 1500}, 12, []string{"For clients the p95 is 1500 ms"}},
		"fast, though by a factor of ten": {side{0, 4}, side{0, 40}, 1000, nil},
		"all fail":                        {side{0, 100}, side{100, 100}, 12, []string{"Clients see 100.0 %"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := differences(api.Outside{
				Source: byProbes, Requests: &tc.requests, ErrorRatePct: &tc.outside.errors, P95LatencyMs: &tc.outside.p95,
				InsideErrorRatePct: &tc.inside.errors, InsideP95LatencyMs: &tc.inside.p95,
			})
			require.Len(t, got, len(tc.want), got)
			for i, want := range tc.want {
				assert.Contains(t, got[i], want)
			}
		})
	}
}

func TestDifferencesWithoutNumbers(t *testing.T) {
	t.Parallel()
	n, errors, p95 := 12.0, 50.0, 100.0
	assert.Empty(t, differences(api.Outside{Source: byNobody, InsideErrorRatePct: &errors}))
	assert.NotNil(t, differences(api.Outside{Source: byNobody}), "a list is never null")
	got := differences(api.Outside{Source: byClients, Requests: &n, ErrorRatePct: &errors, P95LatencyMs: &p95})
	assert.Equal(t, []string{"Prometheus has no numbers of the API itself. Only those from outside count."}, got)
}
