package queueui_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/queue"
	"deals.example/internal/queue/queuetest"
	"deals.example/internal/queue/schema"
	"deals.example/internal/testkit"
	"deals.example/services/queueui"
)

func run(t *testing.T, environ map[string]string) (*testkit.Instance, *redis.Client) {
	t.Helper()
	server := testkit.Redis(t)
	all := map[string]string{"REDIS_URL": server.URL, "LOG_LEVEL": "error"}
	maps.Copy(all, environ)
	return testkit.Run(t, app.Define(app.Info{Name: "queue-ui"}, queueui.Build), all), server.Client(t)
}

func TestPageAndStandardRoutes(t *testing.T) {
	ui, _ := run(t, nil)
	for _, path := range []string{"/", "/queues/critical-jobs", "/servers"} {
		page := ui.Get(t, path)
		assert.Equal(t, http.StatusOK, page.Status, path)
		assert.Contains(t, page.Body, "<title>Asynq - Monitoring</title>", path)
		assert.Contains(t, page.Header.Get("Content-Security-Policy"), "default-src 'self'", path)
	}
	script := ui.Get(t, "/static/js/main.5adda2da.chunk.js")
	assert.Equal(t, http.StatusOK, script.Status)
	assert.Contains(t, script.Header.Get("Content-Type"), "javascript")
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		answer := ui.Get(t, path)
		assert.Equal(t, http.StatusOK, answer.Status, path)
		assert.NotContains(t, answer.Body, "<html", path)
	}
}

func TestDeadJobsRunAgainWithAllAttempts(t *testing.T) {
	tests := map[string]struct {
		path, body, want string
		status           int
	}{
		"one":  {"/api/queues/critical-jobs/archived_tasks/p-1:run", "", "", http.StatusNoContent},
		"some": {"/api/queues/critical-jobs/archived_tasks:batch_run", `{"task_ids":["p-1","p-2"]}`, `{"pending_ids":["p-1"],"error_ids":["p-2"]}`, http.StatusOK},
		"all":  {"/api/queues/critical-jobs/archived_tasks:run_all", "", `{"scheduled":1}`, http.StatusOK},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ui, rdb := run(t, nil)
			queuetest.Bury(t, rdb, "p-1")
			answer := ui.Post(t, tc.path, tc.body)
			assert.Equal(t, tc.status, answer.Status)
			if tc.want != "" {
				assert.JSONEq(t, tc.want, answer.Body)
			}
			task, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo(queue.Critical, "p-1")
			require.NoError(t, err)
			assert.Equal(t, asynq.TaskStatePending, task.State)
			assert.Zero(t, task.Retried)
		})
	}
}

func TestWhatCannotRunAgain(t *testing.T) {
	ui, rdb := run(t, nil)
	queuetest.Bury(t, rdb, "p-2")
	assert.Equal(t, http.StatusNotFound, ui.Post(t, "/api/queues/critical-jobs/archived_tasks/p-1:run", "").Status)
	assert.Equal(t, http.StatusNotFound, ui.Post(t, "/api/queues/other/archived_tasks:run_all", "").Status)
	assert.Equal(t, http.StatusBadRequest, ui.Post(t, "/api/queues/critical-jobs/archived_tasks:batch_run", "{").Status)
	huge := `{"task_ids":["` + strings.Repeat("a", 2<<20) + `"]}`
	assert.Equal(t, http.StatusBadRequest, ui.Post(t, "/api/queues/critical-jobs/archived_tasks:batch_run", huge).Status)
}

func TestUnknownQueuesAndTasksAreNotFound(t *testing.T) {
	ui, rdb := run(t, nil)
	queuetest.Bury(t, rdb, "p-1")
	for _, call := range []struct{ method, path string }{
		{http.MethodGet, "/api/queues/other"},
		{http.MethodDelete, "/api/queues/other"},
		{http.MethodPost, "/api/queues/other:pause"},
		{http.MethodPost, "/api/queues/other:resume"},
		{http.MethodGet, "/api/queues/other/pending_tasks"},
		{http.MethodDelete, "/api/queues/other/pending_tasks:delete_all"},
		{http.MethodGet, "/api/queues/critical-jobs/tasks/p-2"},
		{http.MethodPost, "/api/queues/critical-jobs/retry_tasks/p-2:run"},
		{http.MethodPost, "/api/queues/critical-jobs/active_tasks/p-2:cancel"},
		{http.MethodDelete, "/api/queues/critical-jobs/archived_tasks/p-2"},
	} {
		assert.Equal(t, http.StatusNotFound, ui.Do(t, call.method, call.path, "", nil).Status, "%s %s", call.method, call.path)
	}
	assert.Zero(t, rdb.Exists(t.Context(), schema.Paused("other")).Val())
	assert.Equal(t, http.StatusOK, ui.Get(t, "/api/queues/critical-jobs/tasks/p-1").Status)
	assert.Equal(t, http.StatusNoContent, ui.Do(t, http.MethodDelete, "/api/queues/critical-jobs/archived_tasks/p-1", "", nil).Status)
}

func TestJobsAreBuriedWhileTheyFit(t *testing.T) {
	ui, rdb := run(t, nil)
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	require.NoError(t, client.EnqueuePurchase(t.Context(), queue.PurchaseJob{PurchaseID: "p-1"}))
	dead := make([]redis.Z, 9_999)
	for i := range dead {
		dead[i] = redis.Z{Score: float64(time.Now().Unix()), Member: i}
	}
	require.NoError(t, rdb.ZAdd(t.Context(), schema.Archived(queue.Critical), dead...).Err())
	for _, call := range []string{"pending_tasks/p-1:archive", "pending_tasks:archive_all", "pending_tasks:batch_archive"} {
		assert.Equal(t, http.StatusConflict, ui.Post(t, "/api/queues/critical-jobs/"+call, "").Status, call)
	}
	assert.Equal(t, int64(9_999), rdb.ZCard(t.Context(), schema.Archived(queue.Critical)).Val())
	require.NoError(t, rdb.ZRemRangeByRank(t.Context(), schema.Archived(queue.Critical), 0, 9).Err())
	assert.Equal(t, http.StatusNoContent, ui.Post(t, "/api/queues/critical-jobs/pending_tasks/p-1:archive", "").Status)
	assert.Equal(t, http.StatusNotFound, ui.Post(t, "/api/queues/other/pending_tasks:archive_all", "").Status)
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	ui, rdb := run(t, nil)
	queuetest.Bury(t, rdb, "p-1")
	foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	for _, path := range []string{
		"/api/queues/critical-jobs/archived_tasks/p-1:run", "/api/queues/critical-jobs:pause",
	} {
		assert.Equal(t, http.StatusForbidden, ui.Do(t, http.MethodPost, path, "", foreign).Status, path)
	}
	assert.Equal(t, http.StatusForbidden, ui.Do(t, http.MethodDelete, "/api/queues/critical-jobs/archived_tasks:delete_all", "", foreign).Status)
	assert.Equal(t, http.StatusOK, ui.Do(t, http.MethodGet, "/api/queues", "", foreign).Status)

	own := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	assert.Equal(t, http.StatusNoContent, ui.Do(t, http.MethodPost, "/api/queues/critical-jobs:pause", "", own).Status)
}

func TestReadOnly(t *testing.T) {
	ui, rdb := run(t, map[string]string{"QUEUE_UI_READ_ONLY": "true"})
	queuetest.Bury(t, rdb, "p-1")
	assert.Equal(t, http.StatusMethodNotAllowed, ui.Post(t, "/api/queues/critical-jobs/archived_tasks/p-1:run", "").Status)
	assert.Equal(t, http.StatusOK, ui.Get(t, "/api/queues/critical-jobs").Status)
}
