package experience

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/internal/queue"
)

type enrichmentBody struct {
	Count int    `json:"count" minimum:"1" maximum:"10000"`
	City  string `json:"city"`
}

// handleEnrichment enqueues a batch of jobs over the deals of a city, in turn. In the answer, enqueued is the number of jobs that Redis
// confirmed; if Redis fails during the batch, a warning says how many more it may have, and if it confirmed none the answer is
// 504 outcome_unknown. Admission comes first, so that under overload an answer costs one call to Redis.
func (s *server) handleEnrichment(c *gin.Context) {
	body, err := s.enrichmentRequest(c)
	if err != nil {
		problem.Write(c, err)
		return
	}
	ctx := c.Request.Context()
	admission, err := s.jobs.Admit(ctx, body.Count)
	if err != nil {
		problem.Write(c, queueProblem(ctx, err))
		return
	}
	defer s.release(context.WithoutCancel(ctx), admission)
	jobs, err := s.batch(ctx, body)
	if err != nil {
		problem.Write(c, err)
		return
	}
	enqueued, err := s.jobs.EnqueueEnrichment(ctx, jobs)
	if enqueued == 0 {
		problem.Write(c, queueProblem(ctx, err))
		return
	}
	var warnings []string
	if err != nil {
		warning := fmt.Sprintf("the queue became unavailable after %d of %d jobs", enqueued, body.Count)
		if unconfirmed, ok := errors.AsType[*queue.Unconfirmed](err); ok {
			warning += fmt.Sprintf("; up to %d more may be enqueued", unconfirmed.Jobs)
		}
		s.logger.WarnContext(ctx, "batch enqueued in part", "enqueued", enqueued, "requested", body.Count, "error", err)
		warnings = append(warnings, warning)
	}
	accepted(c, gin.H{"enqueued": enqueued, "requested": body.Count, "queueDepth": admission.Depth + enqueued}, s.warn(c, warnings))
}

func (s *server) enrichmentRequest(c *gin.Context) (enrichmentBody, error) {
	body := enrichmentBody{Count: 1000, City: s.cfg.Cities.Default()}
	if err := problem.DecodeJSON(c, &body); err != nil {
		return body, err
	}
	city, known := s.cfg.Cities.Find(body.City)
	if !known {
		return body, problem.InvalidArgument("city", body.City, "one of "+strings.Join(s.cfg.Cities.Names, ", "))
	}
	body.City = city
	return body, nil
}

func (s *server) release(ctx context.Context, admission *queue.Admission) {
	if err := admission.Release(ctx); err != nil {
		s.logger.WarnContext(ctx, "reservation not released; it ends by itself", "error", err)
	}
}

// batch returns the jobs. It repeats the deals of the city in turn.
func (s *server) batch(ctx context.Context, body enrichmentBody) ([]queue.EnrichJob, error) {
	deals, err := s.listing.Deals(ctx, body.City, maxLimit)
	if err != nil {
		return nil, upstreamProblem(err, "city", body.City)
	}
	if len(deals) == 0 {
		return nil, problem.NotFound("deals in", body.City)
	}
	jobs := make([]queue.EnrichJob, body.Count)
	for i := range jobs {
		jobs[i] = queue.EnrichJob{DealID: deals[i%len(deals)].ID, Reason: queue.ReasonBatch}
	}
	return jobs, nil
}
