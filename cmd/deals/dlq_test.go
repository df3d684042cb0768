package main_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

// deadJobs starts a Redis with purchases in its DLQ and returns the environment to reach it.
func deadJobs(t *testing.T, ids ...string) []string {
	t.Helper()
	server := testkit.Redis(t, "--appendfsync", "no")
	rdb := server.Client(t)
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(t, err)
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	for _, id := range ids {
		require.NoError(t, client.EnqueuePurchase(t.Context(), queue.PurchaseJob{PurchaseID: id, DealID: "d-00001", UserID: "u", Quantity: 1}))
		require.NoError(t, inspector.ArchiveTask(queue.Critical, id))
	}
	return []string{"REDIS_URL=" + server.URL}
}

func listed(t *testing.T, environ []string) []string {
	t.Helper()
	got := run(t, environ, "", "dlq", "list", "--json")
	require.Equal(t, 0, got.code, got.stderr)
	var pages []queue.DeadPage
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &pages))
	require.Len(t, pages, 2)
	ids := []string{}
	for _, page := range pages {
		for _, job := range page.Jobs {
			ids = append(ids, job.ID)
		}
	}
	return ids
}

func TestDLQListAndShow(t *testing.T) {
	t.Parallel()
	environ := deadJobs(t, "p-1", "p-2")

	got := run(t, environ, "", "dlq", "list")
	require.Equal(t, 0, got.code, got.stderr)
	assert.Regexp(t, `^QUEUE +ID +DIED +ATTEMPTS +STEP +ERROR\n`, got.stdout)
	assert.Regexp(t, `(?m)^critical-jobs +p-1 +\S* *1/4`, got.stdout)
	assert.Contains(t, got.stdout, "enrichment-jobs: 0 dead, page 1 of 1\ncritical-jobs: 2 dead, page 1 of 1\n")
	assert.Equal(t, "enrichment-jobs: 0 dead, page 1 of 1\n", run(t, environ, "", "dlq", "list", "--queue", "enrichment-jobs").stdout)

	got = run(t, environ, "", "dlq", "show", "p-2")
	assert.Equal(t, 0, got.code)
	assert.Regexp(t, `(?m)^payload +\{.*"d-00001".*\}$`, got.stdout)

	var job queue.DeadJob
	require.NoError(t, json.Unmarshal([]byte(run(t, environ, "", "dlq", "show", "p-2", "--json").stdout), &job))
	assert.Equal(t, "p-2", job.ID)

	got = run(t, environ, "", "dlq", "show", "p-3")
	assert.Equal(t, outcome{code: 1, stderr: "deals: no such job in the DLQ: p-3\n"}, got)
}

func TestDLQReplay(t *testing.T) {
	t.Parallel()
	environ := deadJobs(t, "p-1", "p-2", "p-3")

	got := run(t, environ, "", "dlq", "replay", "p-1", "p-4")
	assert.Equal(t, outcome{code: 1, stdout: "replayed: 1\n", stderr: "deals: no such job in the DLQ: p-4\n"}, got)
	assert.ElementsMatch(t, []string{"p-2", "p-3"}, listed(t, environ))

	got = run(t, environ, "", "dlq", "replay", "--all", "--queue", "critical-jobs", "--json")
	assert.Equal(t, 0, got.code, got.stderr)
	assert.JSONEq(t, `{"replayed":2}`, got.stdout)
	assert.Empty(t, listed(t, environ))
}

func TestDLQPurge(t *testing.T) {
	t.Parallel()
	environ := deadJobs(t, "p-1", "p-2", "p-3")

	assert.Equal(t, outcome{stdout: "purged: 1\n"}, run(t, environ, "", "dlq", "purge", "p-1"))
	for _, answer := range []string{"", "no\n", "y\n"} {
		assert.Equal(t, 2, run(t, environ, answer, "dlq", "purge", "--all").code, answer)
	}
	assert.Len(t, listed(t, environ), 2)

	got := run(t, environ, "yes\n", "dlq", "purge", "--all", "--queue", "critical-jobs")
	assert.Equal(t, "purged: 2\n", got.stdout)
	assert.Contains(t, got.stderr, "permanently delete all dead jobs of critical-jobs?")
	assert.Equal(t, outcome{stdout: "purged: 0\n"}, run(t, environ, "", "dlq", "purge", "--all", "--yes"))
}

func TestDLQPages(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 5 {
		ids = append(ids, fmt.Sprintf("p-%d", i))
	}
	environ := deadJobs(t, ids...)
	got := run(t, environ, "", "dlq", "list", "--size", "2", "--page", "3", "--queue", "critical-jobs")
	assert.Contains(t, got.stdout, "critical-jobs: 5 dead, page 3 of 3\n")
}
