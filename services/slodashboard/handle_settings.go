package slodashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/admin"
	"deals.example/internal/problem"
	"deals.example/lab/experiment"
)

// setting handles the calls about settings that components have at a path: S is what they are, C a change. Routes have one parameter, the
// component's name.
type setting[S, C any] struct {
	client  *admin.Client
	path    string
	blank   func(component string) *S
	restore func(ctx context.Context, component, path string, settings any) error
}

func (s setting[S, C]) get(c *gin.Context) {
	component := c.Params[0].Value
	settings := s.blank(component)
	answerSettings(c, settings, s.client.Get(c.Request.Context(), component, s.path, settings))
}

func (s setting[S, C]) set(c *gin.Context) {
	var change C
	if err := problem.DecodeJSON(c, &change); err != nil {
		fail(c, err)
		return
	}
	component := c.Params[0].Value
	settings := s.blank(component)
	answerSettings(c, settings, s.client.Set(c.Request.Context(), component, s.path, change, settings))
}

func (s setting[S, C]) reset(c *gin.Context) {
	component := c.Params[0].Value
	settings := s.blank(component)
	answerSettings(c, settings, s.restore(c.Request.Context(), component, s.path, settings))
}

// answerSettings writes a component's response, or 502 if the component failed.
func answerSettings(c *gin.Context, settings any, err error) {
	_, refused := errors.AsType[*admin.Refused](err)
	switch {
	case err == nil:
		c.JSON(http.StatusOK, settings)
	case refused, errors.Is(err, admin.ErrUnknown):
		fail(c, err)
	default:
		problem.Write(c, problem.UpstreamUnavailable(err))
	}
}

// unlessExperimenting refuses the call while an experiment runs whose result it would spoil.
func (s *server) unlessExperimenting(handle gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		if running := s.experiments.Loading(); running != "" {
			fail(c, fmt.Errorf("%w: %s", experiment.ErrRunning, running))
			return
		}
		handle(c)
	}
}
