package slodashboard

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/platform"
	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

// Limits and default of a history's length.
const (
	minPast     = time.Minute
	maxPast     = 24 * time.Hour
	defaultPast = 15 * time.Minute
)

// pastOf returns the requested length of the history, or otherwise if none is requested.
func pastOf(c *gin.Context, otherwise time.Duration) (time.Duration, error) {
	text := c.Query("history")
	if text == "" {
		return otherwise, nil
	}
	past, err := time.ParseDuration(text)
	if err != nil || past < minPast || past > maxPast {
		return 0, problem.InvalidArgument("history", text, "a duration from 1m to 24h, such as 15m")
	}
	return past, nil
}

// answer returns a handler that serves a view.
func answer[T any](view func(context.Context) (T, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		body, err := view(c.Request.Context())
		if err != nil {
			fail(c, err)
			return
		}
		c.JSON(http.StatusOK, body)
	}
}

// withPast returns a handler that serves a view with an optional history.
func withPast[T any](view func(context.Context, time.Duration) (T, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		past, err := pastOf(c, 0)
		if err != nil {
			fail(c, err)
			return
		}
		answer(func(ctx context.Context) (T, error) { return view(ctx, past) })(c)
	}
}

// Limits of a target that is tried, in milliseconds.
const (
	minTargetMs = 1
	maxTargetMs = 600_000
)

func (s *server) handleWhatIf(c *gin.Context) {
	objective, text := c.Query("objective"), c.Query("targetMs")
	if objective == "" {
		fail(c, problem.InvalidArgument("objective", objective, "the id of a latency objective, such as deals-lab-time-latency"))
		return
	}
	ms, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(ms) || ms < minTargetMs || ms > maxTargetMs {
		fail(c, problem.InvalidArgument("targetMs", text, "milliseconds from 1 to 600000"))
		return
	}
	target := time.Duration(ms * float64(time.Millisecond))
	answer(func(ctx context.Context) (api.WhatIf, error) { return s.views.WhatIf(ctx, objective, target) })(c)
}

func (s *server) handleNode(c *gin.Context) {
	past, err := pastOf(c, defaultPast)
	if err != nil {
		fail(c, err)
		return
	}
	answer(func(ctx context.Context) (api.NodeHistory, error) { return s.views.Node(ctx, c.Param("node"), past) })(c)
}

func (s *server) handleBusyTraces(c *gin.Context) {
	component := c.Param("node")
	if part, there := platform.Named(component); !there || !part.IsComponent() {
		fail(c, problem.NotFound("component", component))
		return
	}
	answer(func(ctx context.Context) (api.BusyTraces, error) { return s.profiles.Traces(ctx, component) })(c)
}
