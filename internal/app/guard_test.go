package app_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
)

// guarded runs a component that listens on all addresses.
func guarded(t *testing.T, token string, public bool) (local, outer string) {
	t.Helper()
	info := app.Info{Name: "experience-api", Public: public}
	instance := testkit.Run(t, app.Define(info, func(_ context.Context, rt *app.Runtime, _ settings.None) error {
		ok := func(c *gin.Context) { c.Status(http.StatusOK) }
		rt.Router.Any("/admin/fault", ok)
		rt.Router.Any("/api/purchase", ok)
		return nil
	}), map[string]string{"HOST": "0.0.0.0", "ADMIN_TOKEN": token, "ALLOWED_HOSTS": "lab.test"})
	at, err := url.Parse(instance.URL)
	require.NoError(t, err)
	return instance.URL, "http://" + net.JoinHostPort(testkit.OuterAddress(t), at.Port())
}

func ask(t *testing.T, method, address, host string, header http.Header) int {
	t.Helper()
	return testkit.Ask(t, method, address, host, header).Status
}

func TestLoopbackConnectionsMustNameThisMachine(t *testing.T) {
	local, outer := guarded(t, "", true)
	paths := []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/", "/admin/fault", "/api/purchase"}
	for host, want := range map[string]int{
		"": 200, "localhost:3000": 200, "[::1]:3000": 200, "lab.test": 200, "evil.example": 403, "192.0.2.1:3000": 403,
	} {
		for _, path := range paths {
			assert.Equal(t, want, ask(t, http.MethodGet, local+path, host, nil), "%s at %q", path, host)
		}
		assert.Equal(t, want, ask(t, http.MethodPut, local+"/admin/fault", host, nil), host)
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/api/purchase"} {
		assert.Equal(t, http.StatusOK, ask(t, http.MethodGet, outer+path, "price-service:3002", nil), "containers and probes: %s", path)
	}
}

func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	local, _ := guarded(t, "", true)
	foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}}
	assert.Equal(t, http.StatusForbidden, ask(t, http.MethodPut, local+"/admin/fault", "", foreign))
	assert.Equal(t, http.StatusOK, ask(t, http.MethodPut, local+"/admin/fault", "", http.Header{"Sec-Fetch-Site": {"same-origin"}}))
}

func TestOtherMachinesNeedTheToken(t *testing.T) {
	const token = "correct horse"
	right, wrong := http.Header{"Authorization": {"Bearer " + token}}, http.Header{"Authorization": {"Bearer correct horsf"}}
	basic := http.Header{"Authorization": {"Basic YW55OmNvcnJlY3QgaG9yc2U="}}
	for name, tc := range map[string]struct {
		token  string
		header http.Header
		want   int
	}{
		"none is set":           {"", nil, http.StatusForbidden},
		"none is set, one sent": {"", wrong, http.StatusForbidden},
		"none is sent":          {token, nil, http.StatusUnauthorized},
		"a wrong one":           {token, wrong, http.StatusUnauthorized},
		"the right one":         {token, right, http.StatusOK},
		"as a password":         {token, basic, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			_, outer := guarded(t, tc.token, true)
			assert.Equal(t, tc.want, ask(t, http.MethodPut, outer+"/admin/fault", "", tc.header))
			assert.Equal(t, tc.want, ask(t, http.MethodGet, outer+"/debug/pprof/", "", tc.header))
			assert.Equal(t, http.StatusOK, ask(t, http.MethodGet, outer+"/admin/fault", "", nil), "reading is open")
			assert.Equal(t, http.StatusOK, ask(t, http.MethodPost, outer+"/api/purchase", "", nil), "the product is open")
		})
	}
	_, outer := guarded(t, token, false)
	assert.Equal(t, http.StatusUnauthorized, ask(t, http.MethodPost, outer+"/api/purchase", "", nil), "a component that is not public")
}

func TestWrongTokensAreSlowed(t *testing.T) {
	_, outer := guarded(t, "correct horse", true)
	last := 0
	for range 20 {
		last = ask(t, http.MethodPut, outer+"/admin/fault", "", http.Header{"Authorization": {"Bearer wrong horse"}})
	}
	assert.Equal(t, http.StatusTooManyRequests, last)
	assert.Equal(t, http.StatusOK, ask(t, http.MethodGet, outer+"/healthz", "", nil))
}

func TestWarningAtStartWithoutToken(t *testing.T) {
	for name, tc := range map[string]struct {
		environ map[string]string
		warned  bool
	}{
		"on this machine":          {map[string]string{}, false},
		"on all, without a token":  {map[string]string{"HOST": "0.0.0.0"}, true},
		"on all, with a token set": {map[string]string{"HOST": "0.0.0.0", "ADMIN_TOKEN": "correct horse"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := testkit.OTLP(t)
			tc.environ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"], tc.environ["LOG_LEVEL"] = receiver.LogsURL, "warn"
			require.NoError(t, run(t, tc.environ, nothing).Stop())
			warned := false
			for _, record := range receiver.Logs() {
				warned = warned || strings.Contains(record.Body, "ADMIN_TOKEN")
			}
			assert.Equal(t, tc.warned, warned)
		})
	}
}
