package slodashboard

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/app"
	"deals.example/internal/httpguard"
	"deals.example/internal/platform"
	"deals.example/internal/problem"
	"deals.example/services/slodashboard/api"
)

// reportPath is the path of the flame report's files.
const reportPath = "/api/flame/report/"

// handleReplay enqueues dead jobs of the queue in the path again.
func (s *server) handleReplay(c *gin.Context) {
	var body api.ReplayBody
	if err := problem.DecodeJSON(c, &body); err != nil {
		fail(c, err)
		return
	}
	replayed, err := s.replay(c, c.Param("queue"), body)
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, api.Replayed{Replayed: replayed})
}

func (s *server) replay(c *gin.Context, queue string, body api.ReplayBody) (int, error) {
	ctx := c.Request.Context()
	switch {
	case body.All == (body.ID != ""):
		return 0, problem.InvalidArgument("body", fmt.Sprintf("id %q and all %t", body.ID, body.All), "exactly one of id and all")
	case body.All:
		return s.dlq.ReplayAll(ctx, queue)
	}
	job, err := s.dlq.Show(ctx, body.ID)
	if err != nil {
		return 0, err
	}
	if job.Queue != queue {
		return 0, problem.NotFound("dead job", body.ID)
	}
	return 1, s.dlq.Replay(ctx, body.ID)
}

func (s *server) handleFlame(c *gin.Context) { c.JSON(http.StatusOK, s.comparison.State(reportPath)) }

func (s *server) handleCompareFlames(c *gin.Context) {
	if err := s.comparison.Start(c.Request.Context()); err != nil {
		fail(c, err)
		return
	}
	s.handleFlame(c)
}

func (s *server) handleReportFile(c *gin.Context) {
	path, policy, err := s.comparison.File(c.Param("file"))
	if err != nil {
		problem.Write(c, &problem.Error{Status: http.StatusNotFound, Code: problem.CodeNotFound, Message: err.Error()})
		return
	}
	c.Header("Content-Security-Policy", policy)
	c.Header("X-Frame-Options", "SAMEORIGIN")
	c.File(path)
}

func (s *server) handleLinks(c *gin.Context) {
	c.JSON(http.StatusOK, s.links.Pages(c.Request.Context()))
}

func (s *server) handleMeta(c *gin.Context) {
	health, remote := s.prom.Health(), !httpguard.Local(c.Request)
	c.JSON(http.StatusOK, api.Meta{
		Version: app.Version(), StartedAt: s.started, Now: time.Now(), PollSec: platform.ScrapeInterval.Seconds(), TokenRequired: remote, Locked: remote && !s.guard.HasToken(),
		Prometheus: api.PrometheusMeta{OK: health.OK, Since: health.Since, Reason: health.Reason},
		Services:   slices.Sorted(maps.Keys(s.cfg.Services.urls())), Controlled: slices.Sorted(maps.Keys(s.cfg.controlled())),
	})
}
