package experience

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/problem"
	"deals.example/internal/readmodel"
	"deals.example/internal/upstream"
)

// storeTimeout bounds the storing of the card that a detail request has composed.
const storeTimeout = 250 * time.Millisecond

type detailBody struct {
	Deal     readmodel.Card `json:"deal"`
	Warnings []string       `json:"warnings"`
	Meta     problem.Meta   `json:"meta"`
}

// handleDetail composes one deal live: base data, price, inventory and rating at once, the merchant as soon as it is known which.
func (s *server) handleDetail(c *gin.Context) {
	id, ctx := c.Param("id"), c.Request.Context()
	if !catalog.ValidDealID(id) {
		problem.Write(c, problem.InvalidArgument("id", id, "the id of a deal, such as d-00001"))
		return
	}
	card, warnings, err := s.compose(ctx, id)
	if err != nil {
		problem.Write(c, upstreamProblem(err, "deal", id))
		return
	}
	if err := s.store(ctx, card); err != nil {
		s.logger.WarnContext(ctx, "card not stored", "deal", id, "error", err)
		warnings = append(warnings, "redis unavailable, read model not updated")
	}
	c.JSON(http.StatusOK, detailBody{Deal: card, Warnings: s.warn(c, warnings), Meta: problem.NewMeta(ctx)})
}

func (s *server) compose(ctx context.Context, id string) (readmodel.Card, []string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of the parts, when the deal itself can't be had
	parts := s.composer.Begin(ctx, id)
	deal, err := s.deal(ctx, id)
	if err != nil {
		cancel()
		parts.Wait()
		return readmodel.Card{}, nil, err
	}
	parts.Merchant(ctx, deal.MerchantID)
	card, warnings := parts.Card(deal)
	return card, warnings, nil
}

func (s *server) deal(ctx context.Context, id string) (catalog.Deal, error) {
	var deal catalog.Deal
	err := s.deals.Get(ctx, "/deals/"+id, nil, &deal)
	return deal, err
}

func (s *server) store(ctx context.Context, card readmodel.Card) error {
	if !enrich.Worth(card) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return s.cards.Put(ctx, card)
}

// upstreamProblem is the answer to a failure of deal-service, without which there is no answer.
func upstreamProblem(err error, what, id string) error {
	var failure *upstream.Failure
	switch {
	case errors.Is(err, upstream.ErrNotFound):
		return problem.NotFound(what, id)
	case errors.As(err, &failure) && failure.Reason == upstream.ReasonCanceled:
		return context.Canceled
	case errors.As(err, &failure):
		return problem.UpstreamUnavailable(failure)
	case errors.Is(err, context.DeadlineExceeded):
		return problem.UpstreamUnavailable(&upstream.Failure{Service: dealService, Reason: upstream.ReasonTimeout, Err: err})
	default:
		return err
	}
}
