package slodashboard

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/lab/experiment"
	"deals.example/services/slodashboard/api"
)

// experimentReports is the path of the pages of runs.
const experimentReports = "/api/experiments/reports/"

func (s *server) handleExperiments(c *gin.Context) {
	list, err := s.experiments.List()
	answerWith(c, list, err)
}

func (s *server) handleExperiment(c *gin.Context) {
	detail, err := s.experiments.Show(c.Param("id"))
	answerWith(c, detail, err)
}

// handleRunExperiment starts a run and returns its state.
func (s *server) handleRunExperiment(c *gin.Context) {
	var body api.ExperimentBody
	if c.Request.ContentLength != 0 {
		if err := problem.DecodeJSON(c, &body); err != nil {
			fail(c, err)
			return
		}
	}
	options := experiment.Options{Arm: body.Arm, Quick: body.Quick, Bounds: body.Bounds}
	if body.Repeats != nil {
		options.Repeats = *body.Repeats
	}
	if body.Seed != nil {
		options.Seed = *body.Seed
	}
	err := s.experiments.Start(c.Request.Context(), c.Param("id"), options)
	answerWith(c, s.experiments.Run(), err)
}

// handleStopExperiment asks the current run, if there is one, to stop.
func (s *server) handleStopExperiment(c *gin.Context) {
	s.experiments.Stop()
	s.handleExperiments(c)
}

func (s *server) handleExperimentResult(c *gin.Context) {
	result, err := s.experiments.Result(c.Param("run"))
	answerWith(c, result, err)
}

func (s *server) handleExperimentReport(c *gin.Context) {
	page, err := s.experiments.Report(strings.TrimSuffix(c.Param("file"), ".html"))
	if err != nil {
		fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", experiment.Policy()+"; frame-ancestors 'self'")
	c.Header("X-Frame-Options", "SAMEORIGIN")
	c.Data(http.StatusOK, "text/html; charset=utf-8", page)
}

func answerWith(c *gin.Context, body any, err error) {
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, body)
}
