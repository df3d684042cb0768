package testkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// FreePort returns an unused port. It is below the range of ephemeral ports, so that no outgoing connection uses it while a server is down. A
// client that dials a port in that range repeatedly could even connect to itself.
func FreePort(tb testing.TB) int {
	tb.Helper()
	var config net.ListenConfig
	for range 100 {
		port := 20000 + rand.IntN(12000) //nolint:gosec // G404: not a secret
		listener, err := config.Listen(tb.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(tb, listener.Close())
			return port
		}
	}
	require.Fail(tb, "no free port between 20000 and 32000")
	return 0
}
