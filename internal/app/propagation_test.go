package app_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/assert"

	"deals.example/internal/app"
	"deals.example/internal/criticality"
	"deals.example/internal/problem"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
)

// answering returns a component. GET /what responds with the criticality of the request. GET /wait waits for the end of its context.
func answering(public bool) app.Component {
	return app.Define(app.Info{Name: "price-service", Public: public}, func(_ context.Context, rt *app.Runtime, _ settings.None) error {
		rt.Router.GET("/what", func(c *gin.Context) { c.String(http.StatusOK, criticality.From(c.Request.Context()).String()) })
		rt.Router.GET("/wait", func(c *gin.Context) {
			<-c.Request.Context().Done()
			problem.Write(c, c.Request.Context().Err())
		})
		return nil
	})
}

func TestCriticalityOfARequest(t *testing.T) {
	inner, outer := testkit.Run(t, answering(false), nil), testkit.Run(t, answering(true), nil)
	for baggage, want := range map[string]string{
		"": "default", "criticality=critical": "critical", "criticality=sheddable": "sheddable", "criticality=urgent": "default", ";;;": "default",
	} {
		header := http.Header{"Baggage": {baggage}}
		assert.Equal(t, want, inner.Do(t, http.MethodGet, "/what", "", header).Body, baggage)
		assert.Equal(t, "default", outer.Do(t, http.MethodGet, "/what", "", header).Body, "public: %s", baggage)
	}
	assert.Contains(t, inner.Get(t, "/metrics").Body, `http_request_headers_ignored_total{header="criticality"} 2`)
}

func TestDeadlineOfARequest(t *testing.T) {
	service := testkit.Run(t, answering(false), nil)
	begin := time.Now()
	answer := service.Do(t, http.MethodGet, "/wait", "", http.Header{"X-Deadline-Ms": {"100"}})
	assert.Equal(t, 499, answer.Status)
	assert.Contains(t, answer.Body, "deadline_exceeded")
	assert.GreaterOrEqual(t, time.Since(begin), 100*time.Millisecond)
	for _, garbage := range []string{"soon", "-1", "1e9"} {
		assert.Equal(t, http.StatusOK, service.Do(t, http.MethodGet, "/what", "", http.Header{"X-Deadline-Ms": {garbage}}).Status)
	}
	assert.Contains(t, service.Get(t, "/metrics").Body, `http_request_headers_ignored_total{header="deadline"} 3`)
}
