package slodashboard

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/admin"
	"deals.example/internal/problem"
)

// setting handles the calls about settings that domain services have at a path: S is what they are, C a change.
type setting[S, C any] struct {
	client *admin.Client
	path   string
	blank  func(service string) *S
}

func (s setting[S, C]) get(c *gin.Context) {
	service := c.Param("service")
	settings := s.blank(service)
	answerSettings(c, settings, s.client.Get(c.Request.Context(), service, s.path, settings))
}

func (s setting[S, C]) set(c *gin.Context) {
	var change C
	if err := problem.DecodeJSON(c, &change); err != nil {
		fail(c, err)
		return
	}
	service := c.Param("service")
	settings := s.blank(service)
	answerSettings(c, settings, s.client.Set(c.Request.Context(), service, s.path, change, settings))
}

func (s setting[S, C]) reset(c *gin.Context) {
	service := c.Param("service")
	settings := s.blank(service)
	answerSettings(c, settings, s.client.Reset(c.Request.Context(), service, s.path, settings))
}

// answerSettings writes a service's response, or 502 if the service failed.
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
