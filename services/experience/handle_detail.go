package experience

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/card"
	"deals.example/internal/dealid"
	"deals.example/internal/problem"
)

type detailBody struct {
	Deal     card.Card    `json:"deal"`
	Warnings []string     `json:"warnings"`
	Meta     problem.Meta `json:"meta"`
}

// handleDetail composes the card of one deal live and stores it.
func (s *server) handleDetail(c *gin.Context) {
	id, ctx := c.Param("id"), c.Request.Context()
	if !dealid.Valid(id) {
		problem.Write(c, problem.InvalidArgument("id", id, "the id of a deal, such as d-00001"))
		return
	}
	deal, warnings, err := s.composer.ByID(ctx, id)
	if err != nil {
		problem.Write(c, upstreamProblem(err, "deal", id))
		return
	}
	if err := s.cards.Save(ctx, deal); err != nil {
		s.logger.WarnContext(ctx, "card not stored", "deal", id, "error", err)
		warnings = append(warnings, "redis unavailable, read model not updated")
	}
	c.JSON(http.StatusOK, detailBody{Deal: deal, Warnings: s.warn(c, warnings), Meta: problem.NewMeta(ctx)})
}
