package testkit

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const firstPort, ports = 20_000, 12_000

// FreePort returns an unused port. All test processes of a user count through the same ports, so that no other test gets the port before
// this one binds it. The ports are below the range of ephemeral ports, so that no outgoing connection uses one while a server is down. A
// client that dials a port in that range repeatedly could even connect to itself.
func FreePort(tb testing.TB) int {
	tb.Helper()
	var config net.ListenConfig
	for range ports {
		port := nextPort(tb)
		listener, err := config.Listen(tb.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(tb, listener.Close())
			return port
		}
	}
	require.Fail(tb, "no free port between 20000 and 32000")
	return 0
}

// nextPort returns the port after the one in a file, which it replaces. The lock ends when the file is closed.
func nextPort(tb testing.TB) int {
	tb.Helper()
	name := filepath.Join(os.TempDir(), fmt.Sprintf("deals-test-port-%d", os.Getuid())) //nolint:usetesting // shared by all tests
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)                        //nolint:gosec // G304: our own file
	require.NoError(tb, err)
	defer func() { _ = file.Close() }()
	require.NoError(tb, syscall.Flock(int(file.Fd()), syscall.LOCK_EX))
	var last int
	_, _ = fmt.Fscan(file, &last) // an empty file counts as 0
	_, err = file.WriteAt(fmt.Appendf(nil, "%5d", (last+1)%ports), 0)
	require.NoError(tb, err)
	return firstPort + (last+1)%ports
}
