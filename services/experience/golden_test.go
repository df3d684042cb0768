package experience_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/correlation"
	"deals.example/internal/testkit"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a flag of the test binary

// golden compares an answer with testdata/<name>.golden, without ids, times and durations.
func golden(t *testing.T, name string, answer testkit.Answer) {
	t.Helper()
	var text bytes.Buffer
	fmt.Fprintln(&text, answer.Status, http.StatusText(answer.Status))
	for _, header := range []string{"Allow", "Content-Type", "Retry-After", correlation.Header} {
		if value := answer.Header.Get(header); value != "" {
			fmt.Fprintf(&text, "%s: %s\n", header, value)
		}
	}
	require.NoError(t, json.Indent(&text, []byte(answer.Body), "", "  "), answer.Body)
	got := stable(text.String()) + "\n"

	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path) //nolint:gosec // G304: a name of the test
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// stable replaces ids, times and durations, which differ between runs.
func stable(text string) string {
	for pattern, replacement := range map[string]string{
		`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`: "<uuid>",
		`"20\d\d-[^"]+Z"`:                     `"<time>"`,
		`"(durationMs|queuedMs)": [0-9.e+-]+`: `"$1": "<ms>"`,
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
	}
	return text
}

// goldenHeader returns the headers of the requests.
func goldenHeader() http.Header { return http.Header{correlation.Header: {"golden"}} }

func TestAnswers(t *testing.T) {
	get := func(path string) func(*testing.T, *api) testkit.Answer {
		return func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			return a.Do(t, http.MethodGet, path, "", goldenHeader())
		}
	}
	post := func(path, body string) func(*testing.T, *api) testkit.Answer {
		return func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			return a.Do(t, http.MethodPost, path, body, goldenHeader())
		}
	}
	tests := map[string]struct {
		environ map[string]string
		before  func(*testing.T, *api)
		ask     func(*testing.T, *api) testkit.Answer
	}{
		"list": {nil, func(t *testing.T, a *api) {
			t.Helper()
			a.Get(t, "/api/deals/d-00001")
			a.Get(t, "/api/deals/d-00008")
		}, get("/api/deals?city=Valencia&limit=2")},
		"list cold":          {nil, nil, get("/api/deals?limit=3")},
		"list unknown city":  {nil, nil, get("/api/deals?city=atlantis")},
		"list live":          {map[string]string{"HYBRID_READ_MODEL_ENABLED": "false"}, nil, get("/api/deals?limit=1")},
		"list rating down":   {nil, func(_ *testing.T, a *api) { a.upstreams.breaks("rating", unavailable) }, get("/api/deals?limit=1")},
		"list deals down":    {nil, func(_ *testing.T, a *api) { a.upstreams.breaks("deals", unavailable) }, get("/api/deals")},
		"list redis down":    {nil, func(t *testing.T, a *api) { t.Helper(); a.redis.Kill(t) }, get("/api/deals?limit=1")},
		"list bad limit":     {nil, nil, get("/api/deals?limit=101")},
		"detail":             {nil, nil, get("/api/deals/d-00008")},
		"detail rating down": {nil, func(_ *testing.T, a *api) { a.upstreams.breaks("rating", unavailable) }, get("/api/deals/d-00008")},
		"detail unknown":     {nil, nil, get("/api/deals/d-00221")},
		"detail bad id":      {nil, nil, get("/api/deals/first")},
		"detail deals down":  {nil, func(_ *testing.T, a *api) { a.upstreams.breaks("deals", unavailable) }, get("/api/deals/d-00008")},
		"purchase":           {nil, nil, post("/api/purchase", `{"dealId":"d-00008","userId":"u-1","quantity":2}`)},
		"purchase defaults":  {nil, nil, post("/api/purchase", `{"dealId":"d-00008"}`)},
		"purchase inventory down": {
			nil, func(_ *testing.T, a *api) { a.upstreams.breaks("inventory", unavailable) },
			post("/api/purchase", `{"dealId":"d-00008","userId":"u-1"}`),
		},
		"purchase out of stock":  {nil, nil, post("/api/purchase", `{"dealId":"d-00120"}`)},
		"purchase unknown field": {nil, nil, post("/api/purchase", `{"dealId":"d-00008","price":1}`)},
		"purchase redis down":    {nil, func(t *testing.T, a *api) { t.Helper(); a.redis.Kill(t) }, post("/api/purchase", `{"dealId":"d-00008"}`)},
		"purchase conflict": {nil, nil, func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			header := goldenHeader()
			header.Set("Idempotency-Key", "once")
			a.Do(t, http.MethodPost, "/api/purchase", `{"dealId":"d-00008","quantity":1}`, header)
			return a.Do(t, http.MethodPost, "/api/purchase", `{"dealId":"d-00008","quantity":2}`, header)
		}},
		"purchase status": {nil, nil, func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			id := bodyOf(t, a.Post(t, "/api/purchase", `{"dealId":"d-00008"}`)).PurchaseID
			return get("/api/purchase/"+id)(t, a)
		}},
		"purchase status unknown": {nil, nil, get("/api/purchase/p-00000000-0000-0000-0000-000000000000")},
		"enrichment":              {nil, nil, post("/api/enrichment-jobs", `{"count":25,"city":"Madrid"}`)},
		"enrichment overloaded": {
			map[string]string{"ENRICHMENT_QUEUE_THRESHOLD": "10"},
			func(t *testing.T, a *api) { t.Helper(); a.Post(t, "/api/enrichment-jobs", `{"count":25}`) },
			post("/api/enrichment-jobs", `{"count":1}`),
		},
		"enrichment redis down": {nil, func(t *testing.T, a *api) { t.Helper(); a.redis.Kill(t) }, post("/api/enrichment-jobs", `{}`)},
		"hash bad":              {nil, nil, post("/api/heavy-hash/bad", `{"payload":"x","rounds":1,"iterations":20000}`)},
		"hash good":             {nil, nil, post("/api/heavy-hash/good", `{"payload":"x","rounds":1,"iterations":20000}`)},
		"wrong method": {nil, nil, func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			return a.Do(t, http.MethodDelete, "/api/deals", "", goldenHeader())
		}},
		"wrong content type": {nil, nil, func(t *testing.T, a *api) testkit.Answer {
			t.Helper()
			header := goldenHeader()
			header.Set("Content-Type", "text/plain")
			return a.Do(t, http.MethodPost, "/api/purchase", `{"dealId":"d-00008"}`, header)
		}},
		"body too large": {nil, nil, post("/api/heavy-hash/good", `{"payload":"`+strings.Repeat("a", 2<<20)+`"}`)},
		"no such page":   {nil, nil, get("/api/offers")},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, tc.environ)
			if tc.before != nil {
				tc.before(t, a)
			}
			golden(t, strings.ReplaceAll(name, " ", "-"), tc.ask(t, a))
		})
	}
}
