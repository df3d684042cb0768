package main_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStoppedPartStaysDown(t *testing.T) {
	state, port := t.TempDir(), freePort(t)
	up := start(t, nil, "up", "--only", "redis", "--redis-port", port, "--state-dir", state)
	up.isUp(t)
	client := clientOf(t, "127.0.0.1:"+port)

	got := run(t, nil, "", "stop", "redis", "--state-dir", state)
	assert.Equal(t, outcome{stdout: "redis stopped\n"}, got)
	require.Error(t, client.Ping(t.Context()).Err())
	assert.Regexp(t, `(?m)^redis +stopped +\d+s +- +redis://127\.0\.0\.1:`+port+`/0$`, run(t, nil, "", "ps", "--state-dir", state).stdout)

	got = run(t, nil, "", "start", "redis", "--state-dir", state)
	assert.Equal(t, outcome{stdout: "redis is ready\n"}, got)
	require.NoError(t, client.Ping(t.Context()).Err())
	assert.Equal(t, outcome{stdout: "redis is ready\n"}, run(t, nil, "", "restart", "redis", "--state-dir", state))

	got = run(t, nil, "", "stop", "radis", "redis", "--state-dir", state)
	assert.Equal(t, outcome{code: 2, stdout: "redis stopped\n", stderr: "deals: unknown process \"radis\": allowed are redis\n"}, got)
	up.stop()
	assert.Equal(t, 0, up.wait(t), "a stopped part is no failure")
}

func TestControlWithoutAPlatform(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	want := outcome{code: 1, stderr: "deals: no platform runs with state directory " + state +
		": start one with deals up, or pass its --state-dir\n"}
	for _, args := range [][]string{{"ps"}, {"stop", "redis"}, {"start", "redis", "x"}, {"restart", "redis"}} {
		assert.Equal(t, want, run(t, nil, "", append(args, "--state-dir", state)...))
	}
}
