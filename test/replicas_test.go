package test

import (
	"testing"

	"deals.example/internal/testkit"
	"deals.example/test/replicas"
)

// TestReplicasShareState: two processes of the API on one Redis are one API to their clients.
func TestReplicasShareState(t *testing.T) {
	t.Parallel()
	platform := serving(t)
	second := platform.StartReplica(t, "experience-api", "INSTANCE_ID=second")
	replicas.Pair{
		First: testkit.ClientOf(platform.URL(t, "experience-api")), Second: testkit.ClientOf(second.URL),
		Redis: platform.Redis.Client(t),
	}.ShareState(t)
}
