package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bareVariable in the environment makes the test binary the bare server.
const bareVariable = "DEALS_BENCH_BARE"

// serveBare answers every request with the content of body, by a net/http handler that does nothing else.
func serveBare(body io.Reader) error {
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content)
	})}
	return server.Serve(listener)
}

// startBare starts the bare server as a process and returns its URL.
func startBare(tb testing.TB, body []byte) string {
	tb.Helper()
	self, err := os.Executable()
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), self) //nolint:gosec // G204: this very binary
	command.Env = []string{bareVariable + "=1"}
	command.Stdin, command.Stderr = bytes.NewReader(body), os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, command.Start())
	tb.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address := make([]byte, 64)
	n, err := out.Read(address)
	require.NoError(tb, err)
	return "http://" + strings.TrimSpace(string(address[:n]))
}
