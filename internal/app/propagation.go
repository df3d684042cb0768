package app

import (
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/deadline"
)

// propagated adds the caller's deadline and criticality to the context of a request. A public component ignores the criticality of clients
// and decides by route. Invalid headers are ignored and counted.
func propagated(reg prometheus.Registerer, public bool) gin.HandlerFunc {
	ignored := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "http_request_headers_ignored_total", Help: "Invalid request headers: deadline or criticality.",
	}, []string{"header"})
	invalidDeadline, invalidCriticality := ignored.WithLabelValues("deadline"), ignored.WithLabelValues("criticality")
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		left, ok := deadline.Extract(c.Request.Header)
		if !ok {
			invalidDeadline.Inc()
		}
		if left > 0 {
			limited, cancel := deadline.With(ctx, left)
			defer cancel()
			ctx = limited
		}
		if !public {
			level, ok := criticality.Extract(c.Request.Header)
			if !ok {
				invalidCriticality.Inc()
			}
			ctx = criticality.With(ctx, level)
		}
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}
