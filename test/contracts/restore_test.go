package contracts

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/fault"
	"deals.example/services/slodashboard/api"
)

// How long settings may stay changed after the end of a run.
const (
	soon        = 20 * time.Second // their lease, and some seconds for a busy machine
	atItsOwnEnd = time.Minute      // a run that goes on: one arm with halved times
)

// TestEverythingIsBackAfterEachEnd of an experiment: settings and faults are as they were, no k6 is left, and the dashboard answers.
func TestEverythingIsBackAfterEachEnd(t *testing.T) {
	if !*experiments {
		t.Skip("takes minutes: make experiments")
	}
	d := newDashboard(t)
	page, redis := d.platform.Process("slo-dashboard"), d.platform.Redis
	before := d.faultOfPrices(t)
	for _, end := range []struct {
		name         string
		make, repair func(testing.TB)
		within       time.Duration
	}{
		{"stopped", d.stop, nil, soon},
		{"k6 is killed", func(tb testing.TB) { tb.Helper(); kill(tb, children(tb, page.PID())) }, nil, soon},
		{"the dashboard is killed", page.Kill, page.Restart, soon},
		{"Prometheus is killed", d.prometheus.Kill, d.prometheus.Restart, atItsOwnEnd},
		{"Redis is killed", redis.Kill, redis.Restart, atItsOwnEnd},
	} {
		t.Run(end.name, func(t *testing.T) {
			d.disturb(t)
			require.NotEqual(t, before, d.faultOfPrices(t))
			load := children(t, page.PID())
			require.NotEmpty(t, load)
			end.make(t)
			since := time.Now()
			await(t, "the fault of prices is back", end.within, func() bool { return reflect.DeepEqual(d.faultOfPrices(t), before) })
			t.Logf("back after %s", rounded(time.Since(since)))
			if end.repair != nil {
				end.repair(t)
			}
			await(t, "the run has ended", atItsOwnEnd, func() bool {
				run := d.current(t)
				return run.State == "" || run.EndedAt != nil
			})
			d.assertControlsAreBack(t)
			for _, pid := range load {
				assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH, "k6 has ended")
			}
		})
	}
}

// await looks every second until something holds, and fails the test if it does not within a time.
func await(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	from, held := time.Now(), false
	look(t, func(now time.Time) bool {
		held = holds()
		return held || now.Sub(from) > within
	})
	require.True(t, held, "%s after %s", what, within)
}

// disturb starts an experiment and waits until it disturbs the platform.
func (d dashboard) disturb(t *testing.T) {
	t.Helper()
	d.call(t, http.MethodPost, "/breaker", api.ExperimentBody{Repeats: new(1), Quick: true, Arm: "off"}, new(api.ExperimentRun))
	await(t, "prices are disturbed", calmIn, func() bool { return d.current(t).Disturbed != "" })
}

func (d dashboard) stop(tb testing.TB) {
	tb.Helper()
	d.call(tb, http.MethodDelete, "", nil, new(api.ExperimentRun))
}

// current returns the state of the current or last run, zero if the dashboard has run none.
func (d dashboard) current(tb testing.TB) (run api.ExperimentRun) {
	tb.Helper()
	list := api.Experiments{Run: &run}
	d.call(tb, http.MethodGet, "", nil, &list)
	return run
}

// faultOfPrices returns the synthetic faults of price-service.
func (d dashboard) faultOfPrices(t *testing.T) (settings fault.Change) {
	t.Helper()
	require.NoError(t, d.admin().Get(t.Context(), "price-service", "/admin/fault", &settings))
	return settings
}

// children returns the ids of the processes that a process has started.
func children(tb testing.TB, of int) (pids []int) {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(tb, err)
	for _, stat := range stats {
		text, err := os.ReadFile(stat) //nolint:gosec // G304: a file of /proc
		if err != nil {
			continue // it has ended
		}
		_, fields, _ := strings.Cut(string(text), ") ") // pid (command) state parent ...
		if parent := strings.Fields(fields)[1]; parent == strconv.Itoa(of) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			require.NoError(tb, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

func kill(tb testing.TB, pids []int) {
	tb.Helper()
	for _, pid := range pids {
		require.NoError(tb, syscall.Kill(pid, syscall.SIGKILL))
	}
}
