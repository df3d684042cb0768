package upstream_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/upstream"
)

func TestBaseURL(t *testing.T) {
	tests := map[string]struct {
		url string
		ok  bool
	}{
		"http":                {"http://127.0.0.1:3002", true},
		"https":               {"https://price.example", true},
		"IPv6":                {"http://[::1]:3002", true},
		"slash at the end":    {"http://127.0.0.1:3002/", true},
		"empty":               {"", false},
		"no scheme":           {"127.0.0.1:3002", false},
		"no host":             {"http://", false},
		"port only":           {"http://:3002", false},
		"other scheme":        {"file:///etc/passwd", false},
		"a path":              {"http://127.0.0.1:3002/api", false},
		"climbing path":       {"http://127.0.0.1:3002/..", false},
		"encoded path":        {"http://127.0.0.1:3002/%2e%2e", false},
		"query":               {"http://127.0.0.1:3002?a=b", false},
		"empty query":         {"http://127.0.0.1:3002?", false},
		"fragment":            {"http://127.0.0.1:3002#a", false},
		"user":                {"http://user:secret@127.0.0.1:3002", false},
		"line break":          {"http://127.0.0.1:3002\r\nHost: a", false},
		"not a port":          {"http://127.0.0.1:secret", false},
		"user, not parseable": {"http://user:secret@127.0.0.1:3002\x7f", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			pool, err := upstream.NewPool(defaults(t), upstream.Deps{})
			require.NoError(t, err)
			_, err = pool.Client("price-service", tc.url)
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "price-service")
			assert.NotContains(t, err.Error(), "user:secret", "a password shows")
		})
	}
}

func TestOneClientPerService(t *testing.T) {
	pool, err := upstream.NewPool(defaults(t), upstream.Deps{})
	require.NoError(t, err)
	_, err = pool.Client("price-service", "http://127.0.0.1:1")
	require.NoError(t, err)
	_, err = pool.Client("price-service", "http://127.0.0.1:2")
	require.ErrorContains(t, err, "has a client already")
	_, err = pool.Client("", "http://127.0.0.1:2")
	require.Error(t, err)
}

func TestNewPoolChecksItsConfig(t *testing.T) {
	tests := map[string]upstream.Config{
		"nothing":              {},
		"no limit":             {Timeout: time.Second},
		"unknown limit":        defaults(t, func(c *upstream.Config) { c.Limit = "vegas" }),
		"negative retry ratio": defaults(t, func(c *upstream.Config) { c.RetryRatio = -1 }),
		"failure rate over 1":  defaults(t, func(c *upstream.Config) { c.BreakerFailureRate = 2 }),
		"half a breaker":       defaults(t, func(c *upstream.Config) { c.BreakerMinCalls = 0 }),
	}
	for name, cfg := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := upstream.NewPool(cfg, upstream.Deps{})
			require.Error(t, err)
		})
	}
}

func TestNewEndpointNeedsItsParts(t *testing.T) {
	whole := upstream.EndpointConfig{Service: "rating-service", URL: "http://127.0.0.1:3004", Timeout: time.Second}
	_, err := upstream.NewEndpoint(whole, upstream.Deps{})
	require.Error(t, err, "no transport")
	whole.Timeout = 0
	_, err = upstream.NewEndpoint(whole, upstream.Deps{Transport: upstream.NewTransport(1)})
	require.Error(t, err, "no timeout")
}

func badPaths() map[string]string {
	return map[string]string{
		"empty":               "",
		"relative":            "price/d-00001",
		"root":                "/",
		"climbs":              "/price/../admin/fault",
		"climbs at the end":   "/price/..",
		"dot":                 "/./price",
		"encoded climb":       "/price/%2e%2e/admin",
		"encoded slash":       "/price/%2fadmin",
		"empty segment":       "//evil.example/price",
		"slash at the end":    "/price/",
		"query":               "/price/d-00001?x=1",
		"fragment":            "/price/d-00001#x",
		"other host":          "@evil.example/price",
		"whole URL":           "http://evil.example/price",
		"backslash":           "/price\\..\\admin",
		"space":               "/price/d 1",
		"line break":          "/price/d-00001\r\nHost: evil.example",
		"zero byte":           "/price/\x00",
		"not ASCII":           "/price/é",
		"semicolon parameter": "/price;a=b",
		"bad UTF-8":           "/price/\xff",
	}
}

func TestGetRefusesPathsThatEscape(t *testing.T) {
	client := newClient(t, defaults(t), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
		assert.Failf(t, "called", "%s", r.URL)
		return answer(200, "{}"), nil
	})}, "http://127.0.0.1:3002")
	for name, path := range badPaths() {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, client.Get(t.Context(), path, nil, &price{}), "plain segments")
		})
	}
}

// FuzzGetStaysAtHome: whatever the path, a call goes to the configured host and to just that path, or nowhere.
func FuzzGetStaysAtHome(f *testing.F) {
	for _, path := range badPaths() {
		f.Add(path, "city")
	}
	f.Add("/price/d-00001", "valencia&limit=1#x")
	var asked *url.URL
	client := newClient(f, defaults(f), upstream.Deps{Transport: wire(func(r *http.Request) (*http.Response, error) {
		asked = r.URL
		return answer(200, "{}"), nil
	})}, "http://127.0.0.1:3002")
	f.Fuzz(func(t *testing.T, path, city string) {
		asked = nil
		if client.Get(t.Context(), path, url.Values{"city": {city}}, &price{}) != nil {
			assert.Nil(t, asked, "refused and yet called")
			return
		}
		require.NotNil(t, asked)
		assert.Equal(t, "127.0.0.1:3002", asked.Host)
		assert.Equal(t, path, asked.EscapedPath())
		assert.Equal(t, url.Values{"city": {city}}, asked.Query())
		assert.False(t, strings.Contains(path, "..") && strings.Contains(path, "/../"))
	})
}
