package slodashboard

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/admin"
	"deals.example/internal/httpguard"
	"deals.example/internal/problem"
	"deals.example/internal/queue"
	"deals.example/k6"
	"deals.example/lab/experiment"
	"deals.example/lab/replay"
	"deals.example/services/slodashboard/comparison"
	"deals.example/services/slodashboard/experiments"
	"deals.example/services/slodashboard/profiles"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
	"deals.example/services/slodashboard/view"
)

// Error codes of the dashboard.
const (
	codePrometheus = "prometheus_unavailable"
	codeNoK6       = "k6_unavailable"
	codeNoPromtool = "promtool_unavailable"
	codeProfiles   = "profiles_unavailable"
	codeBusy       = "busy"
)

// Codes returns the codes of all errors that the dashboard answers with, for the description of its API.
func Codes() []string {
	return []string{
		problem.CodeInvalidArgument, problem.CodeNotFound, problem.CodeMethodNotAllowed, problem.CodeBodyTooLarge, problem.CodeUnsupportedMedia,
		problem.CodeUpstreamUnavailable, problem.CodeQueueUnavailable, problem.CodeShuttingDown, problem.CodeInternal,
		codePrometheus, httpguard.CodeForbidden, httpguard.CodeTokenRequired, httpguard.CodeTooManyTries, codeNoK6, codeNoPromtool, codeProfiles, codeBusy,
	}
}

// fail writes err as a response.
func fail(c *gin.Context, err error) { problem.Write(c, translate(err)) }

// translate maps errors of the dashboard's packages to HTTP errors.
func translate(err error) error {
	if gone, ok := errors.AsType[*prom.Unavailable](err); ok {
		return &problem.Error{
			Status: http.StatusServiceUnavailable, Code: codePrometheus, Message: gone.Error(), RetryAfter: time.Second,
			Fields: map[string]any{"since": gone.Since},
		}
	}
	if refused, ok := errors.AsType[*admin.Refused](err); ok {
		return &problem.Error{Status: http.StatusBadRequest, Code: problem.CodeInvalidArgument, Message: refused.Message}
	}
	if unknown, ok := errors.AsType[view.UnknownNode](err); ok {
		return problem.NotFound("node", unknown.ID)
	}
	if unknown, ok := errors.AsType[view.NoLatencyObjective](err); ok {
		return problem.NotFound("latency objective", unknown.ID)
	}
	for _, known := range statuses() {
		if errors.Is(err, known.cause) {
			return &problem.Error{Status: known.status, Code: known.code, Message: err.Error()}
		}
	}
	return err
}

type translation struct {
	cause  error
	status int
	code   string
}

// statuses returns the HTTP status and code of each sentinel error.
func statuses() []translation {
	return []translation{
		{scenario.ErrUnknown, http.StatusNotFound, problem.CodeNotFound},
		{scenario.ErrIntensity, http.StatusBadRequest, problem.CodeInvalidArgument},
		{scenario.ErrLimit, http.StatusConflict, codeBusy},
		{scenario.ErrStopping, http.StatusConflict, codeBusy},
		{scenario.ErrClosed, http.StatusServiceUnavailable, problem.CodeShuttingDown},
		{k6.ErrNoBinary, http.StatusServiceUnavailable, codeNoK6},
		{replay.ErrNoPromtool, http.StatusServiceUnavailable, codeNoPromtool},
		{profiles.ErrUnavailable, http.StatusServiceUnavailable, codeProfiles},
		{comparison.ErrRunning, http.StatusConflict, codeBusy},
		{scenario.ErrPaused, http.StatusConflict, codeBusy},
		{experiments.ErrUnknown, http.StatusNotFound, problem.CodeNotFound},
		{experiment.ErrRunning, http.StatusConflict, codeBusy},
		{experiment.ErrOptions, http.StatusBadRequest, problem.CodeInvalidArgument},
		{experiment.ErrNoRun, http.StatusNotFound, problem.CodeNotFound},
		{admin.ErrUnknown, http.StatusNotFound, problem.CodeNotFound},
		{queue.ErrUnknownQueue, http.StatusNotFound, problem.CodeNotFound},
		{queue.ErrNotDead, http.StatusNotFound, problem.CodeNotFound},
		{queue.ErrUnavailable, http.StatusServiceUnavailable, problem.CodeQueueUnavailable},
	}
}
