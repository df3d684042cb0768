package experience

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
	"deals.example/services/experience/hash"
)

type hashBody struct {
	Payload    string `json:"payload"`
	Rounds     int    `json:"rounds" minimum:"1" maximum:"8"`
	Iterations int    `json:"iterations" minimum:"20000" maximum:"500000"`
}

type hashAnswer struct {
	Mode         string       `json:"mode"`
	DurationMs   float64      `json:"durationMs"`
	QueuedMs     float64      `json:"queuedMs"`
	DigestPrefix string       `json:"digestPrefix"`
	Warnings     []string     `json:"warnings"`
	Meta         problem.Meta `json:"meta"`
}

// handleHashBad hashes on the goroutine of the request.
func (s *server) handleHashBad(c *gin.Context) { s.handleHash(c, "bad", hash.Bad) }

// handleHashGood hashes on the pool.
func (s *server) handleHashGood(c *gin.Context) { s.handleHash(c, "good", s.hashes.Do) }

func (s *server) handleHash(c *gin.Context, mode string, compute func(context.Context, hash.Job) (hash.Result, error)) {
	body := hashBody{Payload: "deals under load", Rounds: hash.DefaultRounds, Iterations: hash.DefaultIterations}
	if err := problem.DecodeJSON(c, &body); err != nil {
		problem.Write(c, err)
		return
	}
	result, err := compute(c.Request.Context(), hash.Job(body))
	if err != nil {
		problem.Write(c, hashProblem(err))
		return
	}
	c.JSON(http.StatusOK, hashAnswer{
		Mode: mode, DurationMs: result.Took.Seconds() * 1000, QueuedMs: result.Queued.Seconds() * 1000,
		DigestPrefix: result.DigestPrefix, Warnings: []string{}, Meta: problem.NewMeta(c.Request.Context()),
	})
}
