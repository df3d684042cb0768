package app

import (
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/deadline"
)

// propagated gives the request what its sender says of it: how long it waits for the answer, and how critical the request is. The criticality
// of a client's request is not taken from the client: a public component decides it by route. A header that can't be read is ignored and counted.
func propagated(reg prometheus.Registerer, public bool) gin.HandlerFunc {
	ignored := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "http_request_headers_ignored_total", Help: "Request headers that could not be read: deadline or criticality.",
	}, []string{"header"})
	unreadable := map[string]prometheus.Counter{"deadline": ignored.WithLabelValues("deadline"), "criticality": ignored.WithLabelValues("criticality")}
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		left, ok := deadline.Extract(c.Request.Header)
		if !ok {
			unreadable["deadline"].Inc()
		}
		if left > 0 {
			limited, cancel := deadline.With(ctx, left)
			defer cancel()
			ctx = limited
		}
		if !public {
			level, ok := criticality.Extract(c.Request.Header)
			if !ok {
				unreadable["criticality"].Inc()
			}
			ctx = criticality.With(ctx, level)
		}
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}
