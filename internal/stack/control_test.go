package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/stack"
)

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	back := server("back", freeAddress(t))
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{back, server("front", freeAddress(t), "back")}})
	s.shows(t, "all 2 ready")
	client := stack.NewClient(dir)

	text, err := client.Stop(t.Context(), "back")
	require.NoError(t, err)
	assert.Equal(t, "back stopped", text)
	require.Error(t, back.Ready(t.Context()))
	assert.Equal(t, map[string]stack.State{"back": stack.Stopped, "front": stack.Ready}, states(t, client))
	_, err = client.Stop(t.Context(), "back")
	require.EqualError(t, err, "back is already stopped")

	text, err = client.Start(t.Context(), "back")
	require.NoError(t, err)
	assert.Equal(t, "back is ready", text)
	require.NoError(t, back.Ready(t.Context()))
	_, err = client.Start(t.Context(), "back")
	require.EqualError(t, err, "back is not stopped: it is ready")
	assert.Equal(t, 1, strings.Count(s.out.String(), "back is ready again"), "it was started once")

	s.stop()
	require.NoError(t, s.wait(t))
}

func states(t *testing.T, client *stack.Client) map[string]stack.State {
	t.Helper()
	processes, err := client.Processes(t.Context())
	require.NoError(t, err)
	states := make(map[string]stack.State, len(processes))
	for _, p := range processes {
		states[p.Name] = p.State
		assert.Equal(t, p.State == stack.Ready, p.PID != 0, p.Name)
		assert.WithinDuration(t, time.Now(), p.Since, time.Minute)
	}
	return states
}

func TestStopEndsTheRestartPause(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, stack.Config{
		StateDir: dir, Processes: []stack.Process{shell("flapping", "exit 3")},
		Restart: stack.Backoff{First: time.Hour},
	})
	s.shows(t, "restarting in 1h")
	client := stack.NewClient(dir)
	_, err := client.Stop(t.Context(), "flapping")
	require.NoError(t, err)
	_, err = client.Start(t.Context(), "flapping")
	require.NoError(t, err)
	s.shows(t, "flapping is ready again")
}

func TestStopReportsAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stubborn := server("stubborn", freeAddress(t))
	stubborn.Args[1] = "stubborn"
	stubborn.Grace = 50 * time.Millisecond
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{stubborn}})
	s.shows(t, "all 1 ready")
	_, err := stack.NewClient(dir).Stop(t.Context(), "stubborn")
	require.EqualError(t, err, "stubborn was killed: it did not end within 50ms of SIGTERM")
	s.stop()
	require.NoError(t, s.wait(t), "the stack's own stop was clean")
}

func TestStartAfterAFailedStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	optional := shell("optional", "exit 1")
	optional.Optional, optional.Ready = true, listens(freeAddress(t))
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{optional, shell("other", "sleep 60")}})
	s.shows(t, "1 of 2 ready")
	client := stack.NewClient(dir)
	require.Eventually(t, func() bool { return states(t, client)["optional"] == stack.Stopped }, 20*time.Second, 5*time.Millisecond)
	_, err := client.Start(t.Context(), "optional")
	require.ErrorContains(t, err, "optional did not become ready: its output is in "+dir)
}

func TestClientErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := stack.NewClient(dir)
	_, err := client.Stop(t.Context(), "back")
	require.ErrorIs(t, err, stack.ErrNotRunning)
	require.ErrorContains(t, err, dir)
	_, err = client.Processes(t.Context())
	require.ErrorIs(t, err, stack.ErrNotRunning)

	foreign := stack.Process{Name: "foreign"}
	s := start(t, stack.Config{StateDir: dir, Processes: []stack.Process{shell("one", "sleep 60"), foreign}})
	s.shows(t, "all 2 ready")
	_, err = client.Stop(t.Context(), "two")
	require.ErrorContains(t, err, `unknown process "two": allowed are one, foreign`)
	_, err = client.Stop(t.Context(), "../one")
	require.ErrorIs(t, err, stack.ErrUnknown)
	_, err = client.Stop(t.Context(), "foreign")
	require.ErrorContains(t, err, "foreign was not started by deals up")

	s.stop()
	require.NoError(t, s.wait(t))
	_, err = client.Stop(t.Context(), "one")
	require.ErrorIs(t, err, stack.ErrNotRunning)
}

func TestClientReportsWhyItCannotConnect(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := stack.NewClient(file).Processes(t.Context())
	require.ErrorContains(t, err, "not a directory")
	assert.NotErrorIs(t, err, stack.ErrNotRunning)
}
