package queueui

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"deals.example/internal/queue"
)

// replays answers the calls of the page that run dead jobs again. asynqmon's own would give them one attempt only, see queue.DLQ.
type replays struct {
	dlq *queue.DLQ
}

// maxIDs bounds the body of a call that names jobs.
const maxIDs = 1 << 20

var (
	runOne  = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks/([^/]+):run$`)
	runSome = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks:batch_run$`)
	runAll  = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks:run_all$`)
)

// handle answers what is a replay, and leaves everything else to the next handler.
func (r replays) handle(c *gin.Context) {
	path := c.Request.URL.Path
	if c.Request.Method != http.MethodPost {
		return
	}
	if match := runOne.FindStringSubmatch(path); match != nil {
		c.Abort()
		r.one(c, match[2])
		return
	}
	if runSome.MatchString(path) {
		c.Abort()
		r.some(c)
		return
	}
	if match := runAll.FindStringSubmatch(path); match != nil {
		c.Abort()
		r.all(c, match[1])
	}
}

func (r replays) one(c *gin.Context, id string) {
	if err := r.dlq.Replay(c.Request.Context(), id); err != nil {
		c.String(status(err), "%v", err)
		return
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

func (r replays) some(c *gin.Context) {
	var request struct {
		TaskIDs []string `json:"task_ids"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxIDs)).Decode(&request); err != nil {
		c.String(http.StatusBadRequest, "%v", err)
		return
	}
	pending, failed := []string{}, []string{}
	for _, id := range request.TaskIDs {
		if err := r.dlq.Replay(c.Request.Context(), id); err != nil {
			failed = append(failed, id)
			continue
		}
		pending = append(pending, id)
	}
	c.JSON(http.StatusOK, gin.H{"pending_ids": pending, "error_ids": failed})
}

func (r replays) all(c *gin.Context, name string) {
	replayed, err := r.dlq.ReplayAll(c.Request.Context(), name)
	if err != nil {
		c.String(status(err), "%v", err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"scheduled": replayed})
}

func status(err error) int {
	switch {
	case errors.Is(err, queue.ErrNotDead), errors.Is(err, queue.ErrUnknownQueue):
		return http.StatusNotFound
	default:
		return http.StatusServiceUnavailable
	}
}
