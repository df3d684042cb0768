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

func TestDecodeJSON(t *testing.T) {
	const isJSON = "application/json; charset=utf-8"
	tests := map[string]struct {
		body, contentType string
		status            int
		message           string
	}{
		"no content type":    {`{}`, "", 415, `Content-Type: got "", want application/json`},
		"other content type": {`{}`, "text/plain", 415, `Content-Type: got "text/plain", want application/json`},
		"two MiB":            {`{"note":"` + strings.Repeat("a", 2<<20) + `"}`, isJSON, 413, "body: got more than 1048576 bytes, want at most 1048576 bytes"},
		"two faults":         {`{"quantity":-1,"note":1}`, isJSON, 400, `quantity: got -1, want a whole number from 1 to 10; note: got 1, want a text`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := gin.CreateTestContext(httptest.NewRecorder())
			c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(tc.body))
			c.Request.Header.Set("Content-Type", tc.contentType)
			var into struct {
				Quantity int    `json:"quantity" minimum:"1" maximum:"10"`
				Note     string `json:"note"`
			}
			var p *problem.Error
			require.ErrorAs(t, problem.DecodeJSON(c, &into), &p)
			assert.Equal(t, tc.status, p.Status)
			assert.Equal(t, tc.message, p.Message)
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
