package slodashboard

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

// Bounds of a history, and its length where none was asked for but one is wanted.
const (
	leastPast   = time.Minute
	mostPast    = 24 * time.Hour
	defaultPast = 15 * time.Minute
)

// pastOf reads how much history is wanted.
func pastOf(c *gin.Context, otherwise time.Duration) (time.Duration, error) {
	text := c.Query("history")
	if text == "" {
		return otherwise, nil
	}
	past, err := time.ParseDuration(text)
	if err != nil || past < leastPast || past > mostPast {
		return 0, problem.InvalidArgument("history", text, "a duration from 1m to 24h, such as 15m")
	}
	return past, nil
}

func (s *server) handleNode(c *gin.Context) {
	past, err := pastOf(c, defaultPast)
	if err != nil {
		fail(c, err)
		return
	}
	body, err := s.views.Node(c.Request.Context(), c.Param("node"), past)
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, body)
}

func (s *server) handleScenarios(c *gin.Context) { c.JSON(http.StatusOK, s.scenarios.List()) }

func (s *server) handleRuns(c *gin.Context) { c.JSON(http.StatusOK, s.scenarios.Runs()) }

// handleScenario starts or stops, and answers with how the scenario then is.
func (s *server) handleScenario(c *gin.Context) {
	var body api.ScenarioBody
	if c.Request.ContentLength != 0 {
		if err := problem.DecodeJSON(c, &body); err != nil {
			fail(c, err)
			return
		}
	}
	ctx, id := c.Request.Context(), c.Param("id")
	var err error
	switch {
	case body.Active == nil:
		err = s.scenarios.Toggle(ctx, id, body.Intensity)
	case *body.Active:
		err = s.scenarios.Start(ctx, id, body.Intensity)
	default:
		err = s.scenarios.Stop(ctx, id)
	}
	if err != nil {
		fail(c, err)
		return
	}
	scenario, _ := s.scenarios.Show(id)
	c.JSON(http.StatusOK, scenario)
}
