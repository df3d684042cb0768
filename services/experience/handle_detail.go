package experience

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/card"
	"deals.example/internal/composer"
	"deals.example/internal/dealid"
	"deals.example/internal/problem"
)

type detailBody struct {
	Deal     card.Card  `json:"deal"`
	Warnings []string   `json:"warnings"`
	Meta     detailMeta `json:"meta"`
}

type detailMeta struct {
	problem.Meta

	FromReadModel []string `json:"fromReadModel,omitempty"` // parts of the stored card, because the live ones were too slow
}

// handleDetail composes the card of one deal live and stores it. It needs no Redis while the read model is off. Parts that are not there after DETAIL_PATIENCE are taken from the stored
// card, and the answer names them; they are stored when they arrive.
func (s *server) handleDetail(c *gin.Context) {
	id, ctx := c.Param("id"), c.Request.Context()
	if !dealid.Valid(id) {
		problem.Write(c, problem.InvalidArgument("id", id, "the id of a deal, such as d-00001"))
		return
	}
	deal, borrowed, warnings, err := s.detail(ctx, id)
	if err != nil {
		problem.Write(c, upstreamProblem(err, "deal", id))
		return
	}
	meta := detailMeta{Meta: problem.NewMeta(ctx), FromReadModel: borrowed}
	c.JSON(http.StatusOK, detailBody{Deal: deal, Warnings: s.warn(c, warnings), Meta: meta})
}

func (s *server) detail(ctx context.Context, id string) (deal card.Card, borrowed, warnings []string, err error) {
	save := func(ctx context.Context, complete card.Card) { _ = s.store(ctx, complete) }
	deal, borrowed, warnings, err = s.composer.Prompt(ctx, id, s.cfg.DetailPatience, composer.Stored{Get: s.stored, Save: save})
	if err != nil {
		return card.Card{}, nil, nil, err
	}
	for _, part := range borrowed {
		s.metrics.borrowed.WithLabelValues(part).Inc()
	}
	if len(borrowed) == 0 { // a card with older parts would be taken for a fresh one
		warnings = append(warnings, s.store(ctx, deal)...)
	}
	return deal, borrowed, warnings, nil
}

// stored returns the stored card of a deal, unless the read model is off.
func (s *server) stored(ctx context.Context, id string) (card.Card, bool) {
	if !s.listing.ReadModel() {
		return card.Card{}, false
	}
	return s.cards.One(ctx, id)
}

// store stores the card, unless the read model is off, and returns a warning if that fails.
func (s *server) store(ctx context.Context, deal card.Card) []string {
	if !s.listing.ReadModel() {
		return nil
	}
	if err := s.cards.Save(ctx, deal); err != nil {
		s.logger.WarnContext(ctx, "card not stored", "deal", deal.ID, "error", err)
		return []string{"redis unavailable, read model not updated"}
	}
	return nil
}
