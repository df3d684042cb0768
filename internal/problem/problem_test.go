package problem_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/correlation"
	"deals.example/internal/problem"
)

type order struct {
	DealID   string `json:"dealId" binding:"required,max=16" allowed:"the id of a deal"`
	Quantity int    `json:"quantity" binding:"min=1,max=10" allowed:"1 to 10"`
}

func decode(body, contentType string) error {
	gin.SetMode(gin.TestMode)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(body))
	c.Request.Header.Set("Content-Type", contentType)
	got := order{Quantity: 1}
	return problem.DecodeJSON(c, &got)
}

func TestDecodeJSON(t *testing.T) {
	for _, body := range []string{`{"dealId":"d-00001"}`, ` {"dealId":"d-00001","quantity":10} `, `{"dealId":"d-1","quantity":null}`} {
		assert.NoError(t, decode(body, "application/json; charset=utf-8"), body)
	}
}

func TestDecodeJSONErrors(t *testing.T) {
	tests := map[string]struct {
		body, contentType string
		status            int
		want              string
	}{
		"no content type":    {`{}`, "", 415, "Content-Type"},
		"other content type": {`{}`, "text/plain", 415, "application/json"},
		"empty":              {``, "application/json", 400, "empty"},
		"null":               {` null `, "application/json", 400, "null"},
		"array":              {`[]`, "application/json", 400, "one JSON object"},
		"truncated":          {`{"dealId":`, "application/json", 400, "truncated"},
		"not JSON":           {`dealId=1`, "application/json", 400, "byte 1"},
		"two values":         {`{"dealId":"d-1"}{}`, "application/json", 400, "data after"},
		"unknown field":      {`{"dealId":"d-1","price":1}`, "application/json", 400, "unknown field price"},
		"wrong type":         {`{"dealId":1}`, "application/json", 400, "dealId: got"},
		"fraction":           {`{"dealId":"d-1","quantity":1.5}`, "application/json", 400, "1 to 10"},
		"huge number":        {`{"dealId":"d-1","quantity":1e400}`, "application/json", 400, "quantity"},
		"NaN":                {`{"dealId":"d-1","quantity":NaN}`, "application/json", 400, "invalid character"},
		"missing":            {`{}`, "application/json", 400, "dealId: got"},
		"negative":           {`{"dealId":"d-1","quantity":-1}`, "application/json", 400, `quantity: got "-1", allowed: 1 to 10`},
		"zero":               {`{"dealId":"d-1","quantity":0}`, "application/json", 400, "quantity"},
		"2 MiB":              {`{"dealId":"` + strings.Repeat("a", 2<<20) + `"}`, "application/json", 413, "1048576"},
		"deep JSON":          {strings.Repeat(`{"dealId":`, 20000) + "1" + strings.Repeat("}", 20000), "application/json", 400, ""},
		"long value":         {`{"dealId":"` + strings.Repeat("a", 1000) + `"}`, "application/json", 400, "…"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var p *problem.Error
			require.ErrorAs(t, decode(tc.body, tc.contentType), &p)
			assert.Equal(t, tc.status, p.Status)
			assert.Contains(t, p.Message, tc.want)
			assert.Less(t, len(p.Message), 300)
		})
	}
}

func answer(ctx context.Context, err error) *httptest.ResponseRecorder {
	gin.SetMode(gin.TestMode)
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	problem.Write(c, err)
	return recorder
}

func TestWrite(t *testing.T) {
	ctx := correlation.NewContext(t.Context(), "abc")
	got := answer(ctx, problem.QueueOverloaded(1200, 1000, 1500*time.Millisecond))
	assert.Equal(t, http.StatusTooManyRequests, got.Code)
	assert.Equal(t, "2", got.Header().Get("Retry-After"))
	assert.JSONEq(t, `{"error":"the queue holds 1200 jobs, at or over its threshold of 1000","code":"queue_overloaded",
		"warnings":[],"meta":{"requestId":"abc"},"queueDepth":1200,"threshold":1000}`, got.Body.String())
}

func TestWriteHidesTheCause(t *testing.T) {
	got := answer(t.Context(), errors.New("secret address"))
	assert.Equal(t, http.StatusInternalServerError, got.Code)
	assert.NotContains(t, got.Body.String(), "secret")
	var body map[string]any
	require.NoError(t, json.Unmarshal(got.Body.Bytes(), &body))
	assert.Equal(t, problem.CodeInternal, body["code"])
}

func TestWriteCanceledRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 499, answer(ctx, context.Canceled).Code)
}

func FuzzUnmarshalStrict(f *testing.F) {
	for _, seed := range []string{`{"dealId":"d-00001","quantity":1}`, `{"quantity":1e9}`, `[{}]`, `{"dealId":"\ud800"}`, "null", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := order{Quantity: 1}
		err := problem.UnmarshalStrict(body, &got)
		var p *problem.Error
		switch {
		case err == nil:
			assert.NotEmpty(t, got.DealID)
			assert.True(t, got.Quantity >= 1 && got.Quantity <= 10)
		case !errors.As(err, &p) || p.Status != http.StatusBadRequest:
			t.Fatalf("got %v, want a 400", err)
		}
	})
}
