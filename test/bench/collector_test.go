package bench

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// collector counts the spans and the bytes of telemetry that components send, and keeps none of it. It may be used concurrently.
type collector struct {
	collecttrace.UnimplementedTraceServiceServer

	traces, logs string // URLs

	mu       sync.Mutex
	spans    int
	bytes    int // of spans
	logBytes int
	roots    map[string]string // names of the roots of traces, by trace id
	sizes    map[string]int    // spans, by trace id
}

// startCollector starts a collector that stops when the benchmark ends.
func startCollector(tb testing.TB) *collector {
	tb.Helper()
	c := &collector{roots: map[string]string{}, sizes: map[string]int{}}
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	server := grpc.NewServer()
	collecttrace.RegisterTraceServiceServer(server, c)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // returns after Stop
	logs := httptest.NewServer(http.HandlerFunc(c.takeLogs))
	tb.Cleanup(func() {
		server.Stop()
		serving.Wait()
		logs.CloseClientConnections()
		logs.Close()
	})
	c.traces, c.logs = "http://"+listener.Addr().String(), logs.URL+"/v1/logs"
	return c
}

// environ returns the settings of components that send to the collector, without much delay.
func (c *collector) environ() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.traces, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=" + c.logs,
		"OTEL_BSP_SCHEDULE_DELAY=200", "OTEL_BLRP_SCHEDULE_DELAY=200",
	}
}

// Export implements the service that takes spans.
func (c *collector) Export(_ context.Context, request *collecttrace.ExportTraceServiceRequest) (*collecttrace.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += proto.Size(request)
	for _, of := range request.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := hex.EncodeToString(span.GetTraceId())
				c.spans++
				c.sizes[id]++
				if len(span.GetParentSpanId()) == 0 {
					c.roots[id] = span.GetName()
				}
			}
		}
	}
	return &collecttrace.ExportTraceServiceResponse{}, nil
}

func (c *collector) takeLogs(_ http.ResponseWriter, request *http.Request) {
	size, _ := io.Copy(io.Discard, request.Body) // a broken request counts as far as it came
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logBytes += int(size)
}

// forget forgets the traces so far, but not how many spans they had.
func (c *collector) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.roots)
	clear(c.sizes)
}

// logged returns the bytes of logs so far.
func (c *collector) logged() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return float64(c.logBytes)
}

// sent returns the spans so far.
func (c *collector) sent() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return float64(c.spans)
}

// spanBytes returns the mean size of a span, with its share of what it is sent in.
func (c *collector) spanBytes() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return float64(c.bytes) / float64(c.spans)
}

// perTrace returns the mean number of spans of the traces whose root has the name.
func (c *collector) perTrace(tb testing.TB, root string) float64 {
	tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var spans, traces float64
	for id, name := range c.roots {
		if name == root {
			spans += float64(c.sizes[id])
			traces++
		}
	}
	require.Positive(tb, traces, "no trace with the root %s", root)
	return spans / traces
}
