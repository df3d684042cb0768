package queueui

import (
	"errors"
	"net/http"
	"regexp"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/hibiken/asynq"
)

// existing answers 404 to calls about a queue or task that does not exist. asynqmon answers some of them with 500, and pausing an
// unknown queue with 204.
type existing struct {
	asynq *asynq.Inspector
}

var (
	pathOfQueue = regexp.MustCompile(`^/api/queues/([^/:]+)`)
	pathOfTask  = regexp.MustCompile(`tasks/([^/:]+)`)
)

func (e existing) handle(c *gin.Context) {
	queue := pathOfQueue.FindStringSubmatch(c.Request.URL.Path)
	if queue == nil {
		return
	}
	queues, err := e.asynq.Queues()
	if err == nil && !slices.Contains(queues, queue[1]) {
		err = asynq.ErrQueueNotFound
	}
	if task := pathOfTask.FindStringSubmatch(c.Request.URL.Path); err == nil && task != nil {
		_, err = e.asynq.GetTaskInfo(queue[1], task[1])
	}
	switch {
	case errors.Is(err, asynq.ErrQueueNotFound), errors.Is(err, asynq.ErrTaskNotFound):
		c.Abort()
		c.String(http.StatusNotFound, "%v", err)
	case err != nil:
		c.Abort()
		c.String(http.StatusServiceUnavailable, "%v", err)
	}
}
