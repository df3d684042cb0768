package experience

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/problem"
	"deals.example/internal/purchase"
	"deals.example/internal/upstream"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 128 // characters
)

type purchaseBody struct {
	DealID   string `json:"dealId" binding:"required,max=16" allowed:"the id of a deal, such as d-00001"`
	UserID   string `json:"userId" binding:"max=128" allowed:"up to 128 characters"`
	Quantity int    `json:"quantity" binding:"min=1,max=10" allowed:"1 to 10"`
}

func (s *server) handlePurchase(c *gin.Context) {
	body, idempotency, err := purchaseRequest(c)
	if err != nil {
		problem.Write(c, err)
		return
	}
	ctx := c.Request.Context()
	warnings, err := s.mayBuy(ctx, body, idempotency)
	if err != nil {
		problem.Write(c, err)
		return
	}
	order, err := s.buy(ctx, body, idempotency)
	if err != nil {
		problem.Write(c, purchaseProblem(ctx, err))
		return
	}
	accepted(c, gin.H{
		"purchaseId": order.ID, "status": purchase.Pending,
		"dealId": order.DealID, "userId": order.UserID, "quantity": order.Quantity,
	}, s.warn(c, warnings))
}

func purchaseRequest(c *gin.Context) (purchaseBody, purchase.Idempotency, error) {
	body := purchaseBody{Quantity: 1}
	if err := problem.DecodeJSON(c, &body); err != nil {
		return body, purchase.Idempotency{}, err
	}
	if !catalog.ValidDealID(body.DealID) {
		return body, purchase.Idempotency{}, problem.InvalidArgument("dealId", body.DealID, "the id of a deal, such as d-00001")
	}
	keys, given := c.Request.Header[http.CanonicalHeaderKey(idempotencyHeader)]
	if !given {
		return body, purchase.Idempotency{}, nil
	}
	if key := keys[0]; len(keys) == 1 && key != "" && utf8.RuneCountInString(key) <= maxIdempotencyKey {
		return body, purchase.Idempotency{Key: key, Fingerprint: purchase.Fingerprint(body.DealID, body.UserID, body.Quantity)}, nil
	}
	return body, purchase.Idempotency{}, problem.InvalidArgument(idempotencyHeader, keys[0], "one, of 1 to 128 characters")
}

// mayBuy lets a purchase that was accepted before be accepted again, whatever has become of the deal and the services since.
func (s *server) mayBuy(ctx context.Context, body purchaseBody, idempotency purchase.Idempotency) (warnings []string, err error) {
	known, err := s.purchases.Known(ctx, idempotency)
	switch {
	case err != nil:
		return nil, purchaseProblem(ctx, err)
	case known:
		return nil, nil
	}
	return s.canBuy(ctx, body)
}

// canBuy asks whether there is such a deal and enough of it. When the stock can't be had the purchase goes on, with a warning.
func (s *server) canBuy(ctx context.Context, body purchaseBody) (warnings []string, err error) {
	type stock struct {
		left catalog.Inventory
		err  error
	}
	answered := make(chan stock, 1)
	go func() {
		var in stock
		in.err = s.composer.Inventory.Get(ctx, "/inventory/"+body.DealID, nil, &in.left)
		answered <- in
	}()
	_, err = s.deal(ctx, body.DealID)
	in := <-answered
	switch {
	case err != nil:
		return nil, upstreamProblem(err, "deal", body.DealID)
	case errors.Is(in.err, upstream.ErrNotFound):
		return nil, problem.NotFound("deal", body.DealID)
	case in.err != nil:
		return []string{enrich.Warning("inventory", in.err)}, nil //nolint:nilerr // the failure is the warning
	case !in.left.Available || body.Quantity > in.left.Stock:
		return nil, problem.OutOfStock(body.DealID, body.Quantity, in.left.Stock)
	}
	return nil, nil
}

// buy opens the record of the purchase, then enqueues its job under the same id. Whoever comes again with the same key, also after
// a crash between the two, does both again to the same effect.
func (s *server) buy(ctx context.Context, body purchaseBody, idempotency purchase.Idempotency) (purchase.Order, error) {
	order := purchase.Order{ID: purchase.NewID(), DealID: body.DealID, UserID: body.UserID, Quantity: body.Quantity}
	if order.UserID == "" {
		order.UserID = "u-" + uuid.NewString()
	}
	order, err := s.purchases.Open(ctx, order, idempotency)
	if err != nil {
		return order, err
	}
	return order, s.jobs.EnqueuePurchase(ctx, order.Job())
}

func purchaseProblem(ctx context.Context, err error) error {
	if errors.Is(err, purchase.ErrIdempotencyConflict) {
		return problem.IdempotencyConflict()
	}
	return queueProblem(ctx, err)
}

type purchaseStatusBody struct {
	purchase.Status

	Warnings []string     `json:"warnings"`
	Meta     problem.Meta `json:"meta"`
}

func (s *server) handlePurchaseStatus(c *gin.Context) {
	id, ctx := c.Param("id"), c.Request.Context()
	if !purchase.ValidID(id) {
		problem.Write(c, problem.InvalidArgument("purchaseId", id, "the purchaseId that POST /api/purchase answered"))
		return
	}
	status, err := s.purchases.Status(ctx, id)
	switch {
	case errors.Is(err, purchase.ErrNotFound):
		problem.Write(c, problem.NotFound("purchase", id))
	case err != nil:
		problem.Write(c, queueProblem(ctx, err))
	default:
		c.JSON(http.StatusOK, purchaseStatusBody{Status: status, Warnings: []string{}, Meta: problem.NewMeta(ctx)})
	}
}
