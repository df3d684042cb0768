package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bareVariable in the environment makes the test binary a bare server; the value says which.
const bareVariable = "DEALS_BENCH_BARE"

// The bare servers. Both get what they need on standard input.
const (
	bareBody   = "body"   // answers every request with the input
	bareDetail = "detail" // answers /{id} with what five services say, whose URLs are the input
)

// serveBare runs a bare server: net/http, and no policies.
func serveBare(kind string, input io.Reader) error {
	content, err := io.ReadAll(input)
	if err != nil {
		return err
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, content) })
	if kind == bareDetail {
		handler = newAggregator(strings.Fields(string(content))).serve
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := http.Server{ReadHeaderTimeout: time.Second, Handler: handler}
	return server.Serve(listener)
}

func answer(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}

// aggregator asks for a deal, its price, inventory and rating at once, and for the merchant after the deal.
type aggregator struct {
	deal, price, inventory, rating, merchant string
	client                                   *http.Client
}

func newAggregator(urls []string) *aggregator {
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	return &aggregator{urls[0], urls[1], urls[2], urls[3], urls[4], &http.Client{Transport: transport, Timeout: time.Second}}
}

func (a *aggregator) serve(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/")
	var deal, price, inventory, rating, merchant map[string]any
	var asking sync.WaitGroup
	ask := func(url string, into *map[string]any) { asking.Go(func() { a.get(r.Context(), url, into) }) }
	ask(a.price+"/price/"+id, &price)
	ask(a.inventory+"/inventory/"+id, &inventory)
	ask(a.rating+"/rating/"+id, &rating)
	a.get(r.Context(), a.deal+"/deals/"+id, &deal)
	ask(fmt.Sprint(a.merchant, "/merchant/", deal["merchantId"]), &merchant)
	asking.Wait()
	content, _ := json.Marshal(map[string]any{"deal": deal, "price": price, "inventory": inventory, "rating": rating, "merchant": merchant})
	answer(w, content)
}

// get leaves into as it is when the service fails.
func (a *aggregator) get(ctx context.Context, url string, into *map[string]any) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // G704: the services of the benchmark
	if err != nil {
		return
	}
	response, err := a.client.Do(request) //nolint:gosec // G704: as above
	if err != nil {
		return
	}
	defer func() { _ = response.Body.Close() }()
	_ = json.NewDecoder(response.Body).Decode(into)
}

// startBare starts a bare server as a process and returns its URL.
func startBare(tb testing.TB, kind, input string) string {
	tb.Helper()
	self, err := os.Executable()
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), self) //nolint:gosec // G204: this very binary
	command.Env = []string{bareVariable + "=" + kind}
	command.Stdin, command.Stderr = strings.NewReader(input), os.Stderr
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
