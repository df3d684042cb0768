package experience_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/correlation"
	"deals.example/internal/problem"
	"deals.example/internal/queue"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
)

// request is a request and its expected answer.
type request struct {
	method, path, body string
	header             http.Header
	status             int
	code               string
}

func bad(method, path, body string) request {
	return request{method, path, body, nil, http.StatusBadRequest, problem.CodeInvalidArgument}
}

// requests are requests by name.
type requests map[string]request

func (r requests) add(prefix string, more requests) {
	for name, one := range more {
		r[prefix+": "+name] = one
	}
}

func badLists() requests {
	out := methods("/api/deals", http.MethodGet)
	for name, limit := range map[string]string{
		"zero": "0", "negative": "-1", "above the maximum": "101", "huge": "99999999999999999999", "fraction": "1.5", "exponent": "1e1", "text": "ten",
		"empty": "", "space": "%20", "spaces around": "%201%20", "NaN": "NaN", "Infinity": "Infinity", "hexadecimal": "0x10", "null byte": "1%00",
		"Arabic digit": "%D9%A5", "not UTF-8": "%FF", "injection": "1%0d%0aSet-Cookie:%20a=b", "list": "1,2", "long": strings.Repeat("1", 8<<10),
	} {
		out["limit "+name] = bad(http.MethodGet, "/api/deals?limit="+limit, "")
	}
	out["query not percent-encoded"] = bad(http.MethodGet, "/api/deals?limit=%zz", "")
	out["city long"] = bad(http.MethodGet, "/api/deals?city="+strings.Repeat("a", 65), "")
	out["city very long"] = bad(http.MethodGet, "/api/deals?city="+strings.Repeat("a", 8<<10), "")
	return out
}

func badDetails() requests {
	out := methods("/api/deals/d-00001", http.MethodGet)
	for name, id := range testkit.BadIDs() {
		one := bad(http.MethodGet, "/api/deals/"+id, "")
		if strings.Contains(id, "%2f") || name == "zero" { // no such page; the form of an id, but of no deal
			one.status, one.code = http.StatusNotFound, problem.CodeNotFound
		}
		out["id "+name] = one
	}
	return out
}

func badPurchases() requests {
	const path, deal = "/api/purchase", `,"dealId":"d-00001"`
	out := bodies(path, `{"dealId":"d-00001"}`)
	maps.Copy(out, methods(path, http.MethodPost))
	maps.Copy(out, fields(path, "dealId", "", noTexts()))
	maps.Copy(out, fields(path, "dealId", "", quoted(nasty())))
	maps.Copy(out, fields(path, "dealId", "", map[string]string{"null": "null", "empty": `""`, "of another type": `"m-001"`, "long number": `"d-99999999"`}))
	maps.Copy(out, fields(path, "userId", deal, noTexts()))
	maps.Copy(out, fields(path, "userId", deal, quoted(map[string]string{"long": strings.Repeat("a", 129), "long, not ASCII": strings.Repeat("é", 129)})))
	maps.Copy(out, fields(path, "quantity", deal, noNumbers(1, 10)))
	out["no dealId"] = bad(http.MethodPost, path, `{"quantity":1}`)
	for name, keys := range map[string][]string{
		"empty": {""}, "long": {strings.Repeat("a", 129)}, "very long": {strings.Repeat("a", 8<<10)}, "two": {"a", "b"},
	} {
		one := bad(http.MethodPost, path, `{"dealId":"d-00001"}`)
		one.header = http.Header{"Idempotency-Key": keys}
		out["Idempotency-Key "+name] = one
	}
	return out
}

func badStatuses() requests {
	out := methods("/api/purchase/p-00000000-0000-0000-0000-000000000000", http.MethodGet)
	for name, id := range testkit.BadIDs() {
		one := bad(http.MethodGet, "/api/purchase/"+id, "")
		if strings.Contains(id, "%2f") {
			one.status, one.code = http.StatusNotFound, problem.CodeNotFound
		}
		out["id "+name] = one
	}
	out["id upper case"] = bad(http.MethodGet, "/api/purchase/P-00000000-0000-0000-0000-00000000000A", "")
	out["id without its kind"] = bad(http.MethodGet, "/api/purchase/00000000-0000-0000-0000-000000000000", "")
	return out
}

func badBatches() requests {
	const path = "/api/enrichment-jobs"
	out := bodies(path, `{"count":1}`)
	maps.Copy(out, methods(path, http.MethodPost))
	maps.Copy(out, fields(path, "count", "", noNumbers(1, 10_000)))
	maps.Copy(out, fields(path, "city", "", noTexts()))
	maps.Copy(out, fields(path, "city", "", quoted(nasty())))
	maps.Copy(out, fields(path, "city", "", map[string]string{"empty": `""`, "unknown": `"atlantis"`}))
	return out
}

func badHashes(path string) requests {
	out := bodies(path, `{"rounds":1}`)
	maps.Copy(out, methods(path, http.MethodPost))
	maps.Copy(out, fields(path, "payload", "", noTexts()))
	maps.Copy(out, fields(path, "rounds", "", noNumbers(1, 8)))
	maps.Copy(out, fields(path, "iterations", "", noNumbers(20_000, 500_000)))
	return out
}

func allBad() requests {
	all := requests{}
	for endpoint, those := range map[string]requests{
		"list": badLists(), "detail": badDetails(), "purchase": badPurchases(), "purchase status": badStatuses(), "enrichment": badBatches(),
		"hash bad": badHashes("/api/heavy-hash/bad"), "hash good": badHashes("/api/heavy-hash/good"),
	} {
		all.add(endpoint, those)
	}
	return all
}

func TestInvalidInputIsRejected(t *testing.T) {
	a := newAPI(t, nil)
	for name, tc := range allBad() {
		t.Run(name, func(t *testing.T) {
			answer := a.Do(t, tc.method, tc.path, tc.body, tc.header)
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			assert.Empty(t, answer.Header.Get("Set-Cookie"))
			if tc.method == http.MethodHead {
				return
			}
			body := bodyOf(t, answer)
			assert.Equal(t, tc.code, body.Code)
			assert.NotEmpty(t, body.Error)
			assert.Less(t, len(answer.Body), 600, "the received value is truncated")
			assert.NotNil(t, body.Warnings)
			assert.Equal(t, answer.Header.Get(correlation.Header), body.Meta.RequestID)
		})
	}
	assertNothingHappened(t, a)
}

// assertNothingHappened checks that rejected requests had no effect.
func assertNothingHappened(t *testing.T, a *api) {
	t.Helper()
	assert.NotRegexp(t, `(?m)^experience_http_request_errors_total\{`, a.Get(t, "/metrics").Body, "no 5xx")
	for _, path := range a.upstreams.called() {
		assert.Regexp(t, `^/(deals|price|inventory|rating)/d-00000$`, path, "no call with an invalid id")
	}
	client := a.redis.Client(t)
	for _, name := range queue.Names() {
		assert.Zero(t, client.Exists(t.Context(), schema.Pending(name)).Val(), "jobs in "+name)
	}
	assert.Empty(t, client.Keys(t.Context(), "*purchase:*").Val())
}

func TestUnusualInputIsAccepted(t *testing.T) {
	a := newAPI(t, nil)
	tests := map[string]request{
		"unknown parameter":    {"GET", "/api/deals?sort=price&limit=1", "", nil, 200, ""},
		"parameter twice":      {"GET", "/api/deals?limit=1&limit=101", "", nil, 200, ""},
		"other case of a city": {"GET", "/api/deals?city=VALENCIA&limit=1", "", nil, 200, ""},
		"city not ASCII":       {"GET", "/api/deals?city=%F0%9F%92%A5%FF", "", nil, 200, ""},
		"city path traversal":  {"GET", "/api/deals?city=..%2f..%2fetc%2fpasswd", "", nil, 200, ""},
		"city injection":       {"GET", "/api/deals?city=a%0d%0aSet-Cookie:%20a=b", "", nil, 200, ""},
		"body on a GET":        {"GET", "/api/deals?limit=1", `{"a":1}`, nil, 200, ""},
		"null for a default":   {"POST", "/api/purchase", `{"dealId":"d-00001","quantity":null,"userId":null}`, nil, 202, ""},
		"spaces around":        {"POST", "/api/purchase", " \n{\"dealId\":\"d-00001\"}\n ", nil, 202, ""},
		"field twice":          {"POST", "/api/purchase", `{"dealId":"no","dealId":"d-00001"}`, nil, 202, ""},
		"user not ASCII":       {"POST", "/api/purchase", `{"dealId":"d-00001","userId":"é💥\u0000"}`, nil, 202, ""},
		"longest user":         {"POST", "/api/purchase", `{"dealId":"d-00001","userId":"` + strings.Repeat("é", 128) + `"}`, nil, 202, ""},
		"key not ASCII":        {"POST", "/api/purchase", `{"dealId":"d-00001"}`, http.Header{"Idempotency-Key": {"é💥"}}, 202, ""},
		"longest key":          {"POST", "/api/purchase", `{"dealId":"d-00001"}`, http.Header{"Idempotency-Key": {strings.Repeat("é", 128)}}, 202, ""},
		"charset":              {"POST", "/api/enrichment-jobs", `{"count":1}`, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, 202, ""},
		"empty payload":        {"POST", "/api/heavy-hash/good", `{"payload":"","rounds":1,"iterations":20000}`, nil, 200, ""},
		"large payload":        {"POST", "/api/heavy-hash/bad", `{"payload":"` + strings.Repeat("a", 1<<19) + `","rounds":1,"iterations":20000}`, nil, 200, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answer := a.Do(t, tc.method, tc.path, tc.body, tc.header)
			assert.Equal(t, tc.status, answer.Status, answer.Body)
			assert.Empty(t, answer.Header.Get("Set-Cookie"))
		})
	}
}
