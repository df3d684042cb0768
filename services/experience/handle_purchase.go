package experience

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"deals.example/internal/card"
	"deals.example/internal/composer"
	"deals.example/internal/dealid"
	"deals.example/internal/problem"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/upstream"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 128 // characters
)

type purchaseBody struct {
	DealID   string `json:"dealId"`
	UserID   string `json:"userId" maxLength:"128"`
	Quantity int    `json:"quantity" minimum:"1" maximum:"10"`
}

// handlePurchase accepts a purchase once Redis has its job.
//
// The id is chosen, and the record created, before the job is enqueued. If Redis does not confirm the job, the purchase may be
// accepted or not: the answer is 504 outcome_unknown with the purchaseId. The client can ask for its status, or repeat the request with
// the purchaseId as Idempotency-Key, which never makes a second purchase. After any other error nothing was accepted.
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
		problem.Write(c, err)
		return
	}
	s.logger.InfoContext(ctx, "purchase accepted", "purchase_id", order.ID, "deal_id", order.DealID)
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
	if !dealid.Valid(body.DealID) {
		return body, purchase.Idempotency{}, problem.InvalidArgument("dealId", body.DealID, "the id of a deal, such as d-00001")
	}
	idempotency := purchase.Idempotency{Fingerprint: purchase.Fingerprint(body.DealID, body.UserID, body.Quantity)}
	keys, given := c.Request.Header[http.CanonicalHeaderKey(idempotencyHeader)]
	if !given {
		return body, idempotency, nil
	}
	if key := keys[0]; len(keys) == 1 && key != "" && utf8.RuneCountInString(key) <= maxIdempotencyKey {
		idempotency.Key = key
		return body, idempotency, nil
	}
	return body, idempotency, problem.InvalidArgument(idempotencyHeader, keys[0], "one header of 1 to 128 characters")
}

// mayBuy returns an error if the purchase can't be made. One whose key is known was accepted before, so it skips the checks.
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

// canBuy checks that the deal exists and is in stock. If the stock can't be checked, the purchase goes on with a warning.
func (s *server) canBuy(ctx context.Context, body purchaseBody) (warnings []string, err error) {
	var (
		stock    card.Inventory
		stockErr error
		asking   sync.WaitGroup
	)
	asking.Go(func() { stock, stockErr = s.composer.Inventory(ctx, body.DealID) })
	_, err = s.composer.Deal(ctx, body.DealID)
	asking.Wait()
	switch {
	case err != nil:
		return nil, upstreamProblem(err, "deal", body.DealID)
	case errors.Is(stockErr, upstream.ErrNotFound):
		return nil, problem.NotFound("deal", body.DealID)
	case stockErr != nil:
		return []string{composer.Warning("inventory", stockErr)}, nil //nolint:nilerr // the failure is the warning
	case !stock.Available || body.Quantity > stock.Stock:
		return nil, problem.OutOfStock(body.DealID, body.Quantity, stock.Stock)
	}
	return nil, nil
}

// buy creates the record of the purchase, then enqueues its job under the same id. A request with the same key, also after a crash
// between the two, repeats both to the same effect.
func (s *server) buy(ctx context.Context, body purchaseBody, idempotency purchase.Idempotency) (purchase.Order, error) {
	order := purchase.Order{ID: purchase.NewID(), DealID: body.DealID, UserID: body.UserID, Quantity: body.Quantity}
	if order.UserID == "" {
		order.UserID = "u-" + uuid.NewString()
	}
	order, err := s.purchases.Open(ctx, order, idempotency)
	if err != nil {
		return order, purchaseProblem(ctx, err)
	}
	err = s.jobs.EnqueuePurchase(ctx, order.Job())
	if _, unconfirmed := errors.AsType[*queue.Unconfirmed](err); unconfirmed && !errors.Is(ctx.Err(), context.Canceled) {
		return order, problem.PurchaseUnknown(order.ID, err)
	}
	if err != nil {
		return order, queueProblem(ctx, err)
	}
	return order, nil
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
