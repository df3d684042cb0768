package experience

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/problem"
	"deals.example/internal/tenant"
)

func (s *server) routes(r gin.IRouter) {
	api := r.Group("/api")
	waiting := api.Group("", s.bounded)
	waiting.GET("/deals", s.admitted(criticality.Low), s.handleList)
	waiting.GET("/deals/:id", s.admitted(criticality.Default), s.handleDetail)
	waiting.POST("/purchase", critical, s.admitted(criticality.Critical), s.handlePurchase)
	waiting.GET("/purchase/:id", s.admitted(criticality.Default), s.handlePurchaseStatus)
	waiting.POST("/enrichment-jobs", s.admitted(criticality.Sheddable), s.handleEnrichment)
	// Hashes have no timeout and no admission: their parameters and their pool bound their cost.
	api.POST("/heavy-hash/bad", s.handleHashBad)
	api.POST("/heavy-hash/good", s.handleHashGood)
}

// bounded applies the request timeout.
func (s *server) bounded(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.cfg.RequestTimeout)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// critical marks a request that is served before others, and shed last.
func critical(c *gin.Context) {
	c.Request = c.Request.WithContext(criticality.With(c.Request.Context(), criticality.Critical))
	c.Next()
}

// admitted lets a request through the gate, where it matters as much as level says.
func (s *server) admitted(level criticality.Criticality) gin.HandlerFunc {
	return func(c *gin.Context) {
		visit, err := s.gate.Enter(c.Request.Context(), level, tenant.Parse(c.GetHeader(tenant.Header)))
		if err != nil {
			problem.Write(c, admissionProblem(err))
			return
		}
		defer visit.Leave()
		c.Next()
	}
}

// warn returns the warnings sorted and never nil, and counts the answer as degraded if there are any.
func (s *server) warn(c *gin.Context, warnings []string) []string {
	if len(warnings) == 0 {
		return []string{}
	}
	s.metrics.degraded.WithLabelValues(c.FullPath()).Inc()
	slices.Sort(warnings)
	return slices.Compact(warnings)
}

// accepted answers 202.
func accepted(c *gin.Context, body gin.H, warnings []string) {
	body["warnings"], body["meta"] = warnings, problem.NewMeta(c.Request.Context())
	c.JSON(http.StatusAccepted, body)
}

// metrics are the metrics of the handlers.
type metrics struct {
	degraded *prometheus.CounterVec
	borrowed *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		degraded: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
			Name: "experience_degraded_responses_total", Help: "Successful answers with a missing part, which has a warning.",
		}, []string{"route"}),
		borrowed: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
			Name: "experience_detail_parts_from_read_model_total", Help: "Parts of details taken from the stored card, because the live ones were too slow.",
		}, []string{"part"}),
	}
	for _, route := range []string{"/api/deals", "/api/deals/:id", "/api/purchase", "/api/enrichment-jobs"} {
		m.degraded.WithLabelValues(route)
	}
	return m
}
