package queueui

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"deals.example/internal/queue"
)

// deadJobs replaces two kinds of asynqmon's calls. Running dead jobs again would give them only one attempt, see [queue.DLQ.Replay],
// and archiving jobs would drop the oldest dead ones if the DLQ has no room.
type deadJobs struct {
	dlq *queue.DLQ
}

// maxIDs is the largest body of a call that names jobs, in bytes.
const maxIDs = 1 << 20

var (
	runOne  = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks/([^/]+):run$`)
	runSome = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks:batch_run$`)
	runAll  = regexp.MustCompile(`^/api/queues/([^/]+)/archived_tasks:run_all$`)
	bury    = regexp.MustCompile(`^/api/queues/([^/]+)/.+:(archive|archive_all|batch_archive)$`)
)

// handle answers the calls that it replaces and passes on all others.
func (d deadJobs) handle(c *gin.Context) {
	path := c.Request.URL.Path
	if c.Request.Method != http.MethodPost {
		return
	}
	if match := runOne.FindStringSubmatch(path); match != nil {
		c.Abort()
		d.one(c, match[2])
		return
	}
	if runSome.MatchString(path) {
		c.Abort()
		d.some(c)
		return
	}
	if match := runAll.FindStringSubmatch(path); match != nil {
		c.Abort()
		d.all(c, match[1])
		return
	}
	if match := bury.FindStringSubmatch(path); match != nil {
		d.mayBury(c, match[1])
	}
}

func (d deadJobs) one(c *gin.Context, id string) {
	if err := d.dlq.Replay(c.Request.Context(), id); err != nil {
		c.String(status(err), "%v", err)
		return
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

func (d deadJobs) some(c *gin.Context) {
	var request struct {
		TaskIDs []string `json:"task_ids"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxIDs)).Decode(&request); err != nil {
		c.String(http.StatusBadRequest, "%v", err)
		return
	}
	pending, failed := []string{}, []string{}
	for _, id := range request.TaskIDs {
		if err := d.dlq.Replay(c.Request.Context(), id); err != nil {
			failed = append(failed, id)
			continue
		}
		pending = append(pending, id)
	}
	c.JSON(http.StatusOK, gin.H{"pending_ids": pending, "error_ids": failed})
}

func (d deadJobs) all(c *gin.Context, name string) {
	replayed, err := d.dlq.ReplayAll(c.Request.Context(), name)
	if err != nil {
		c.String(status(err), "%v", err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"scheduled": replayed})
}

// mayBury passes the call on to asynqmon if all jobs of the queue fit into its DLQ.
func (d deadJobs) mayBury(c *gin.Context, name string) {
	fits, err := d.dlq.Fits(c.Request.Context(), name)
	switch {
	case err != nil:
		c.Abort()
		c.String(status(err), "%v", err)
	case !fits:
		c.Abort()
		c.String(http.StatusConflict, "the DLQ has no room for these jobs; replay or purge dead jobs first")
	}
}

func status(err error) int {
	switch {
	case errors.Is(err, queue.ErrNotDead), errors.Is(err, queue.ErrUnknownQueue):
		return http.StatusNotFound
	default:
		return http.StatusServiceUnavailable
	}
}
