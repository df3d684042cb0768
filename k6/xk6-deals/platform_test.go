package deals_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/guregu/null.v3"

	deals "deals.example/k6/xk6-deals"
)

const someList = `{"deals":[{"id":"d-00001","title":"x"},{"id":"d-00002"}],"warnings":["rating-lb timeout","d-00002 not composed in time"],
	"meta":{"requestId":"r","mode":"hybrid-read-model","readModel":{"hits":1,"stale":0,"misses":1,"liveFallback":1,"refreshEnqueued":1}}}`

func TestAnswersAreReadAndCounted(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusOK, someList)
	got := u.mustRun(t, fmt.Sprintf(`
		const { ok, status, deals, warnings, readModel, durationMs } = await new Platform({target: %q}).list({city: 'rome', limit: 2});
		return [ok, status, deals.join(), warnings.length, readModel.liveFallback, durationMs > 0].join(' ')`, server.URL))
	assert.Equal(t, "true 200 d-00001,d-00002 2 1 true", got)

	request := <-server.requests
	assert.Equal(t, "/api/deals?city=rome&limit=2", request.URL.RequestURI())
	assert.Equal(t, map[string]float64{"hit": 1, "miss": 1, "live_fallback": 1, "refresh_enqueued": 1}, u.counted("deals_read_model", "outcome"))
}

func TestWhatAnswersCount(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   map[string]float64 // by metric
	}{
		"all there":         {http.StatusOK, `{"deals":[],"warnings":[]}`, map[string]float64{"deals_goodput": 1, "deals_degraded": 0, "deals_shed": 0, "http_req_failed": 0}},
		"something missing": {http.StatusOK, `{"warnings":["redis unavailable, x"]}`, map[string]float64{"deals_degraded": 1, "deals_warnings": 1, "deals_shed": 0, "http_req_failed": 0}},
		"too much":          {http.StatusTooManyRequests, `{"error":"full","code":"hash_pool_full"}`, map[string]float64{"deals_shed": 1, "http_req_failed": 0}},
		"an error":          {http.StatusBadGateway, `{"error":"gone","code":"upstream_unavailable"}`, map[string]float64{"deals_shed": 0, "http_req_failed": 1}},
		"no JSON":           {http.StatusOK, `<html>`, map[string]float64{"deals_goodput": 0, "http_req_failed": 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for metric, want := range test.want {
				u := startedUser(t, nil)
				server := newAPI(t, test.status, test.body)
				u.mustRun(t, fmt.Sprintf(`await new Platform({target: %q}).hash('good')`, server.URL))
				var sum float64
				for _, value := range u.counted(metric, "name") {
					sum += value
				}
				assert.InDelta(t, want, sum, 0, metric)
			}
		})
	}
}

func TestCallsAreTaggedByRoute(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusOK, `{}`)
	u.mustRun(t, fmt.Sprintf(`
		const platform = new Platform({target: %q});
		await Promise.all([platform.list(), platform.detail('d-00001'), platform.detail('d-00002')])`, server.URL))
	assert.Equal(t, map[string]float64{"/api/deals": 1, "/api/deals/:id": 2}, u.counted("http_reqs", "name"))
}

func TestRequestsHaveTenants(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusOK, `{}`)
	call := func(options string) http.Header {
		u.mustRun(t, fmt.Sprintf(`await new Platform({target: %q, %s}).list()`, server.URL, options))
		return (<-server.requests).Header
	}
	assert.Empty(t, call("").Get("X-Tenant"))
	assert.Equal(t, "tenant-7", call(`tenants: ['tenant-7']`).Get("X-Tenant"))
	assert.Equal(t, map[string]float64{"": 2}, u.counted("http_reqs", "tenant"))
	name := call(`tenants: ['tenant-1', 'tenant-2'], tagTenant: true`).Get("X-Tenant")
	assert.Regexp(t, "^tenant-[12]$", name)
	assert.InDelta(t, 1, u.counted("http_reqs", "tenant")[name], 0)
}

func TestBodiesThatAreDiscardedAreNotRead(t *testing.T) {
	u := startedUser(t, nil)
	u.state.Options.DiscardResponseBodies = null.BoolFrom(true)
	server := newAPI(t, http.StatusOK, someList)
	got := u.mustRun(t, fmt.Sprintf(`
		const { ok, deals } = await new Platform({target: %q}).list();
		return ok && deals.length === 0`, server.URL))
	assert.Equal(t, true, got)
}

func TestRefusalsSayWhenToComeAgain(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusTooManyRequests, `{"error":"full","code":"queue_overloaded","queueDepth":1200,"threshold":1000}`)
	got := u.mustRun(t, fmt.Sprintf(`
		const { shed, ok, code, retryAfter, queueDepth } = await new Platform({target: %q}).enqueue({count: 10, city: 'paris'});
		return [shed, ok, code, retryAfter, queueDepth].join(' ')`, server.URL))
	assert.Equal(t, "true false queue_overloaded 4 1200", got)
	assert.Empty(t, u.warnings(), "a refusal is no failure")
}

func TestFailuresLeadToTheirTrace(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusBadGateway, `{"error":"deal-service timeout","code":"upstream_unavailable"}`)
	got := u.mustRun(t, fmt.Sprintf(`
		const { correlationId, traceId } = await new Platform({target: %q}).detail('d-00001');
		return [correlationId, traceId].join()`, server.URL))

	header := (<-server.requests).Header
	correlation := header.Get("X-Correlation-Id")
	assert.Regexp(t, `^k6-[0-9a-f]{6}-7-1$`, correlation)
	parent := regexp.MustCompile(`^00-([0-9a-f]{32})-[0-9a-f]{16}-01$`).FindStringSubmatch(header.Get("Traceparent"))
	require.Len(t, parent, 2, "%v", header)
	assert.Equal(t, correlation+","+parent[1], got)
	assert.Equal(t, []string{"GET /api/deals/:id: 502 Bad Gateway: deal-service timeout (correlation id " + correlation + ", trace " + parent[1] + ")"}, u.warnings())
}

func TestUnderLoadOnlySomeTracesAreAskedFor(t *testing.T) {
	u := startedUser(t, nil)
	server := newAPI(t, http.StatusOK, `{}`)
	u.mustRun(t, fmt.Sprintf(`
		const platform = new Platform({target: %q});
		await Promise.all(Array.from({length: 200}, () => platform.list()))`, server.URL))
	traced := 0
	for range 200 {
		if (<-server.requests).Header.Get("Traceparent") != "" {
			traced++
		}
	}
	assert.Positive(t, traced)
	assert.Less(t, traced, 100)
}

func TestNoAnswerIsAnAnswer(t *testing.T) {
	u := startedUser(t, nil)
	got := u.mustRun(t, `
		const platform = new Platform({target: 'http://127.0.0.1:1'});
		const answers = await Promise.all(Array.from({length: 50}, () => platform.list()));
		return answers.every(({ status, ok, error }) => status === 0 && !ok && error.includes('connection refused'))`)
	assert.Equal(t, true, got)
	assert.Len(t, u.warnings(), 3, "the others are not logged")
	assert.Equal(t, map[string]float64{"0": 50}, u.counted("http_reqs", "status"))
}

func TestCheck(t *testing.T) {
	degraded := newAPI(t, http.StatusOK, `{"status":"degraded","dependencies":[{"name":"redis","ok":true},{"name":"rating-lb","ok":false}]}`)
	other := newAPI(t, http.StatusNotFound, `<html>`)
	u := startedUser(t, nil)

	got := u.mustRun(t, fmt.Sprintf(`const { status, failing } = await new Platform({target: %q}).check(); return status + ' ' + failing.join()`, degraded.URL))
	assert.Equal(t, "degraded rating-lb", got)
	assert.Empty(t, u.counted("http_reqs", "name"), "it is in no metric")

	for target, message := range map[string]string{
		other.URL:            "is not the experience API: GET /readyz answers 404 Not Found",
		"http://127.0.0.1:1": "nothing answers at http://127.0.0.1:1",
	} {
		got := u.mustRun(t, fmt.Sprintf(`
			try { await new Platform({target: %q}).check() } catch (error) { return (error instanceof Error) + ': ' + error.message }`, target))
		assert.Contains(t, got, "true: ")
		assert.Contains(t, got, message)
	}
}

func TestWrongUseThrows(t *testing.T) {
	tests := map[string]struct{ script, message string }{
		"no target":    {`new Platform({})`, `target: got "", want a URL such as http://127.0.0.1:3000`},
		"no options":   {`new Platform()`, `target: got ""`},
		"no URL":       {`new Platform({target: 'localhost:3000'})`, `target: got "localhost:3000"`},
		"other scheme": {`new Platform({target: 'ftp://127.0.0.1'})`, `target: got "ftp://127.0.0.1"`},
		"no such way":  {`await new Platform({target: 'http://127.0.0.1:1'}).hash('ugly')`, `way: got "ugly", want bad or good`},
		"no Redis URL": {`new Redis('http://127.0.0.1:6379')`, `want a URL such as redis://127.0.0.1:6379/0`},
		"no timeout":   {`await new Redis('redis://127.0.0.1:1').waitUntilDrained('enrichment-jobs', 'soon')`, `timeout: got "soon", want a duration such as 30s`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := startedUser(t, nil).run(test.script)
			require.ErrorContains(t, err, test.message)
		})
	}
}

func TestNothingIsSentInTheInitContext(t *testing.T) {
	for _, call := range []string{
		`new Platform({target: 'http://127.0.0.1:1'}).list()`, `new Platform({target: 'http://127.0.0.1:1'}).check()`,
		`new Redis('redis://127.0.0.1:1').queueDepth('enrichment-jobs')`, `new Redis('redis://127.0.0.1:1').auditPurchases('1s')`,
	} {
		_, err := newUser(t, nil).run(call)
		require.ErrorContains(t, err, "in the init context", call)
	}
}

func TestUsersShareOneRegistry(t *testing.T) {
	root := deals.New()
	first := newUser(t, root)
	assert.NotPanics(t, func() { root.NewModuleInstance(first.VU) }, "the metrics are there already")
}
