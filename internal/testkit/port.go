package testkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

const firstPort, ports = 20_000, 12_000

// lastPort is the port returned last, less firstPort. A process begins anywhere and then takes the next, so that tests that run at the same
// time never get the same port before one of them binds it.
var lastPort = func() *atomic.Uint32 { //nolint:gochecknoglobals // all tests of a process share it
	var begin atomic.Uint32
	begin.Store(rand.Uint32N(ports)) //nolint:gosec // G404: not a secret
	return &begin
}()

// FreePort returns an unused port. It is below the range of ephemeral ports, so that no outgoing connection uses it while a server is down. A
// client that dials a port in that range repeatedly could even connect to itself.
func FreePort(tb testing.TB) int {
	tb.Helper()
	var config net.ListenConfig
	for range ports {
		port := firstPort + int(lastPort.Add(1)%ports)
		listener, err := config.Listen(tb.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(tb, listener.Close())
			return port
		}
	}
	require.Fail(tb, "no free port between 20000 and 32000")
	return 0
}
