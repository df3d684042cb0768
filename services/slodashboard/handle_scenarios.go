package slodashboard

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

func (s *server) handleScenarios(c *gin.Context) {
	list := s.scenarios.List()
	list.Experiment = s.experiments.Loading()
	c.JSON(http.StatusOK, list)
}

func (s *server) handleRuns(c *gin.Context) { c.JSON(http.StatusOK, s.scenarios.Runs()) }

// handleScenario starts or stops a scenario and returns its new state.
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
