package experience_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serve sends a parsed request to the router.
func (a *api) serve(tb testing.TB, method string, target *url.URL, body string) *httptest.ResponseRecorder {
	tb.Helper()
	request := httptest.NewRequestWithContext(tb.Context(), method, "/", strings.NewReader(body))
	request.URL = target
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	a.router.ServeHTTP(recorder, request)
	return recorder
}

// requireAnswer checks the status, and that an error has a code and is short.
func requireAnswer(t *testing.T, recorder *httptest.ResponseRecorder, allowed ...int) {
	t.Helper()
	require.Contains(t, allowed, recorder.Code, recorder.Body)
	if recorder.Code >= http.StatusBadRequest {
		require.Contains(t, recorder.Body.String(), `"code":"`)
		require.Less(t, recorder.Body.Len(), 1200)
	}
}

func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{"", "limit=1", "city=rome&limit=100", "limit=101", "limit=%zz", "city=%FF;limit=1", "limit=1&limit=2", "city=../..", "=&=&"} {
		f.Add(seed)
	}
	a := newAPI(f, nil)
	f.Fuzz(func(t *testing.T, query string) {
		requireAnswer(t, a.serve(t, http.MethodGet, &url.URL{Path: "/api/deals", RawQuery: query}, ""), http.StatusOK, http.StatusBadRequest)
	})
}

func FuzzIDs(f *testing.F) {
	for _, seed := range []string{"d-00001", "d-00221", "d-1000000", "p-00000000-0000-0000-0000-000000000000", "..", "d-00001/../x", "\x00", "é"} {
		f.Add(seed)
	}
	a := newAPI(f, nil)
	f.Fuzz(func(t *testing.T, id string) {
		for _, path := range []string{"/api/deals/", "/api/purchase/"} {
			requireAnswer(t, a.serve(t, http.MethodGet, &url.URL{Path: path + id}, ""), http.StatusOK, http.StatusBadRequest, http.StatusNotFound)
		}
		for _, called := range a.upstreams.called() {
			require.Regexp(t, `^/(deals|price|inventory|rating|merchant)/[dm]-[0-9]{3,7}$|^/deals\?city=[a-z]+&limit=[0-9]+$`, called)
		}
		a.upstreams.forget()
	})
}

func FuzzPurchase(f *testing.F) {
	for _, seed := range []string{
		`{"dealId":"d-00001"}`, `{"dealId":"d-00120","quantity":10}`, `{"dealId":"d-00001","userId":"\u0000"}`, `{"quantity":1e9}`, `[{}]`, "null", "",
	} {
		f.Add(seed)
	}
	a := newAPI(f, nil)
	f.Fuzz(func(t *testing.T, body string) {
		requireAnswer(t, a.serve(t, http.MethodPost, &url.URL{Path: "/api/purchase"}, body),
			http.StatusAccepted, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge)
	})
}
