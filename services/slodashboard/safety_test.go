package slodashboard_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/price"
)

// change is a call that changes something, on which nothing is lost.
const change = "/api/scenario/spike"

func TestWhoMayChangeSomething(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	const passed = http.StatusServiceUnavailable // by the guard: there is no k6
	tests := map[string]struct {
		header http.Header
		want   int
	}{
		"the page itself":             {http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {dashboard.URL}}, passed},
		"a program":                   {nil, passed},
		"another site":                {http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, http.StatusForbidden},
		"another port":                {http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://127.0.0.1:8081"}}, http.StatusForbidden},
		"an old browser, other site":  {http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"an old browser, sandboxed":   {http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"an old browser, our own":     {http.Header{"Origin": {dashboard.URL}}, passed},
		"a form of another site":      {http.Header{"Sec-Fetch-Site": {"cross-site"}, "Content-Type": {"application/x-www-form-urlencoded"}}, http.StatusForbidden},
		"with a token that is unused": {http.Header{"Authorization": {"Bearer x"}}, passed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, dashboard.Do(t, http.MethodPost, change, "", tc.header).Status)
		})
	}
	foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}}
	for path, method := range map[string]string{
		"/api/queues/critical-jobs/replay": http.MethodPost, "/api/flame": http.MethodPost, "/api/alerts": http.MethodPost,
		"/api/faults/price-service": http.MethodPut,
	} {
		assert.Equal(t, http.StatusForbidden, dashboard.Do(t, method, path, "{}", foreign).Status, path)
	}
	assert.Equal(t, http.StatusForbidden, dashboard.Do(t, http.MethodDelete, "/api/faults/price-service", "", foreign).Status)
	assert.Equal(t, http.StatusOK, dashboard.Do(t, http.MethodGet, "/api/meta", "", foreign).Status, "a browser keeps the answer from that site")
}

func TestNamesOfThisMachine(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"ALLOWED_HOSTS": "lab.test"})
	port := portOf(t, dashboard.URL)
	tests := map[string]int{
		"127.0.0.1:" + port: 200, "localhost:" + port: 200, "LOCALHOST": 200, "[::1]:" + port: 200, "127.0.0.1": 200, "lab.test:" + port: 200,
		"evil.example:" + port: 403, "evil.example": 403, "127.0.0.1.evil.example": 403, "192.0.2.1:" + port: 403, "localhost.evil.example": 403,
	}
	for host, want := range tests {
		for _, path := range []string{"/api/meta", "/", "/api/openapi.json"} {
			assert.Equal(t, want, testkit.Ask(t, http.MethodGet, dashboard.URL+path, host, nil).Status, "%s at %s", path, host)
		}
	}
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	return parsed.Port()
}

func TestFromAnotherMachine(t *testing.T) {
	outer := testkit.OuterAddress(t)
	const token = "correct horse"
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	tests := map[string]struct {
		token  string
		header http.Header
		want   int
	}{
		"no token is set, none is sent":  {"", nil, http.StatusForbidden},
		"no token is set, an empty sent": {"", bearer(""), http.StatusForbidden},
		"none is sent":                   {token, nil, http.StatusUnauthorized},
		"a wrong one":                    {token, bearer("correct horsf"), http.StatusUnauthorized},
		"not as it should be":            {token, http.Header{"Authorization": {token}}, http.StatusUnauthorized},
		"the right one":                  {token, bearer(token), http.StatusServiceUnavailable}, // there is no k6
		"the right one, foreign page":    {token, http.Header{"Authorization": {"Bearer " + token}, "Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dashboard := run(t, testkit.DeadURL(t), map[string]string{"HOST": "0.0.0.0", "ADMIN_TOKEN": tc.token})
			there := "http://" + net.JoinHostPort(outer, portOf(t, dashboard.URL))
			assert.Equal(t, tc.want, testkit.Ask(t, http.MethodPost, there+change, "", tc.header).Status)
			meta := testkit.Ask(t, http.MethodGet, there+"/api/meta", "", nil)
			assert.Equal(t, http.StatusOK, meta.Status)
			assert.Contains(t, meta.Body, `"tokenRequired":true`)
			assert.Equal(t, tc.token == "", strings.Contains(meta.Body, `"locked":true`))
		})
	}
}

func TestHeadersOfThePage(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), nil)
	for _, path := range []string{"/", "/topology", "/api/meta", "/api/nothing"} {
		header := dashboard.Get(t, path).Header
		policy := header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "script-src 'self';", path)
		assert.NotContains(t, policy, "unsafe", path)
		assert.Contains(t, policy, "frame-ancestors 'none'", path)
		assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
		assert.Equal(t, "DENY", header.Get("X-Frame-Options"), path)
	}
	assert.Contains(t, dashboard.Get(t, "/topology").Header.Get("Content-Type"), "text/html", "a view of the page")
	assert.Equal(t, http.StatusNotFound, dashboard.Get(t, "/api/nothing").Status)
	assert.Equal(t, http.StatusMethodNotAllowed, dashboard.Post(t, "/api/sli", "{}").Status)
}

func TestFaultsOfServicesOnOtherMachines(t *testing.T) {
	const token = "correct horse"
	service := testkit.Run(t, app.Define(app.Info{Name: "price-service", Defaults: price.Faults()}, price.Build),
		map[string]string{"HOST": "0.0.0.0", "ADMIN_TOKEN": token})
	there := "http://" + net.JoinHostPort(testkit.OuterAddress(t), portOf(t, service.URL))
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"PRICE_SERVICE_URL": there, "ADMIN_TOKEN": token})
	set := dashboard.Do(t, http.MethodPut, "/api/faults/price-service", `{"failureRate":0.5}`, nil)
	assert.Equal(t, http.StatusOK, set.Status, set.Body)
}

func TestAlertmanagerNeedsNoToken(t *testing.T) {
	dashboard := run(t, testkit.DeadURL(t), map[string]string{"HOST": "0.0.0.0"})
	there := "http://" + net.JoinHostPort(testkit.OuterAddress(t), portOf(t, dashboard.URL))
	status := testkit.Ask(t, http.MethodPost, there+"/api/alerts", "slo-dashboard:3100", nil).Status
	assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, status)
}
