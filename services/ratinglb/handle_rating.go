package ratinglb

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/dealid"
	"deals.example/internal/orca"
	"deals.example/internal/problem"
)

// targetHeader tells the caller which replica was asked last.
const targetHeader = "X-Lb-Target"

func rating(balancer *Balancer) gin.HandlerFunc {
	return func(c *gin.Context) {
		dealID := c.Param("dealId")
		if !dealid.Valid(dealID) {
			problem.Write(c, problem.NotFound("deal", dealID))
			return
		}
		answer, err := balancer.Rating(c.Request.Context(), dealID)
		c.Header(targetHeader, answer.Target)
		if answer.Load > 0 { // the replicas share the lookups evenly, so the load of one is that of all
			orca.Set(c.Writer.Header(), answer.Load)
		}
		switch {
		case errors.Is(err, errBusy):
			problem.Write(c, problem.Overloaded("rating-lb", errBusy))
		case errors.Is(err, context.Canceled):
			problem.Write(c, err)
		case err != nil:
			problem.Write(c, noAnswer(err))
		case answer.Status == http.StatusNotFound:
			problem.Write(c, problem.NotFound("deal", dealID))
		default:
			c.Data(http.StatusOK, "application/json; charset=utf-8", answer.Body)
		}
	}
}

func noAnswer(cause error) *problem.Error {
	return &problem.Error{
		Status: http.StatusServiceUnavailable, Code: problem.CodeUpstreamUnavailable, RetryAfter: time.Second,
		Message: "no rating replica answered", Cause: cause,
	}
}
