package testkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// FreePort returns a port that nobody listens on at the moment. It is below the range from which the system
// takes ports of outgoing connections, so that nobody takes it while the server is down: a client that keeps
// dialling a dead server could even be connected to itself.
func FreePort(tb testing.TB) int {
	tb.Helper()
	var config net.ListenConfig
	for range 100 {
		port := 20000 + rand.IntN(12000) //nolint:gosec // G404: any port will do.
		listener, err := config.Listen(tb.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(tb, listener.Close())
			return port
		}
	}
	require.Fail(tb, "no free port between 20000 and 32000")
	return 0
}
