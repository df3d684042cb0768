package hash_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/services/experience/hash"
)

// TestIdleThreads: the threads of the pool run under SCHED_IDLE. The first thread of the process, on which an earlier pool may have run, keeps
// it.
func TestIdleThreads(t *testing.T) {
	const workers = 8
	newPool(t, hash.Config{Workers: workers, Queue: 2, Idle: true})
	assert.EventuallyWithT(t, func(collect *assert.CollectT) {
		assert.Contains(collect, []int{workers, workers + 1}, idleThreads(t))
	}, 5*time.Second, time.Millisecond)
}

func idleThreads(t *testing.T) (count int) {
	t.Helper()
	const (
		policy = 41 - 3 // its place in /proc/PID/stat, counted behind the name, which may have spaces
		idle   = "5"
	)
	files, err := filepath.Glob("/proc/self/task/*/stat")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // G304: of this process
		if err != nil {
			continue // it has ended
		}
		if fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])); fields[policy] == idle {
			count++
		}
	}
	return count
}
