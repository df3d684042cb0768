package testkit

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collecttrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// Span is a received span. Ids are hexadecimal.
type Span struct {
	Service    string
	Name       string
	Kind       string // such as SPAN_KIND_SERVER
	Status     string // such as STATUS_CODE_ERROR
	TraceID    string
	SpanID     string
	ParentID   string   // "" for the root of a trace
	Links      []string // trace ids
	Attributes map[string]string
}

// LogRecord is a received log record.
type LogRecord struct {
	Service    string
	Severity   string // such as WARN
	Body       string
	TraceID    string
	Attributes map[string]string
}

// OTLPReceiver receives and stores traces over OTLP gRPC and logs over OTLP HTTP. It is safe for concurrent use.
type OTLPReceiver struct {
	TracesURL string // for OTEL_EXPORTER_OTLP_ENDPOINT
	LogsURL   string // for OTEL_EXPORTER_OTLP_LOGS_ENDPOINT

	respond func(context.Context) error

	mu    sync.Mutex
	spans []Span
	logs  []LogRecord
}

// OTLP starts a receiver that stops when the test ends. respond, if given, is called for each request and returns its error. Requests with an
// error are not stored.
func OTLP(tb testing.TB, respond ...func(context.Context) error) *OTLPReceiver {
	tb.Helper()
	r := &OTLPReceiver{respond: func(context.Context) error { return nil }}
	if len(respond) > 0 {
		r.respond = respond[0]
	}
	r.serveTraces(tb)
	r.serveLogs(tb)
	return r
}

// Spans returns the spans received so far.
func (r *OTLPReceiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// Logs returns the log records received so far.
func (r *OTLPReceiver) Logs() []LogRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.logs)
}

func (r *OTLPReceiver) serveTraces(tb testing.TB) {
	tb.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	server := grpc.NewServer()
	collecttrace.RegisterTraceServiceServer(server, traceService{receiver: r})
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // returns after Stop
	tb.Cleanup(func() {
		server.Stop()
		serving.Wait()
	})
	r.TracesURL = "http://" + listener.Addr().String()
}

func (r *OTLPReceiver) serveLogs(tb testing.TB) {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(r.takeLogs))
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	r.LogsURL = server.URL + "/otlp/v1/logs"
}

// traceService is the gRPC service of a receiver.
type traceService struct {
	collecttrace.UnimplementedTraceServiceServer

	receiver *OTLPReceiver
}

// Export implements the collector's service.
func (s traceService) Export(
	ctx context.Context, request *collecttrace.ExportTraceServiceRequest,
) (*collecttrace.ExportTraceServiceResponse, error) {
	if err := s.receiver.respond(ctx); err != nil {
		return nil, err
	}
	s.receiver.mu.Lock()
	defer s.receiver.mu.Unlock()
	for _, of := range request.GetResourceSpans() {
		service := serviceName(of.GetResource())
		for _, scope := range of.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				s.receiver.spans = append(s.receiver.spans, newSpan(service, span))
			}
		}
	}
	return &collecttrace.ExportTraceServiceResponse{}, nil
}

func (r *OTLPReceiver) takeLogs(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	var export collectlogs.ExportLogsServiceRequest
	if err != nil || proto.Unmarshal(body, &export) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.respond(request.Context()) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range export.GetResourceLogs() {
		service := serviceName(of.GetResource())
		for _, scope := range of.GetScopeLogs() {
			for _, record := range scope.GetLogRecords() {
				r.logs = append(r.logs, newLogRecord(service, record))
			}
		}
	}
}

func newSpan(service string, from *trace.Span) Span {
	span := Span{
		Service: service, Name: from.GetName(), Kind: from.GetKind().String(), Status: from.GetStatus().GetCode().String(),
		TraceID: hex.EncodeToString(from.GetTraceId()), SpanID: hex.EncodeToString(from.GetSpanId()),
		ParentID: hex.EncodeToString(from.GetParentSpanId()), Attributes: attributes(from.GetAttributes()),
	}
	for _, link := range from.GetLinks() {
		span.Links = append(span.Links, hex.EncodeToString(link.GetTraceId()))
	}
	return span
}

func newLogRecord(service string, from *logs.LogRecord) LogRecord {
	return LogRecord{
		Service: service, Severity: from.GetSeverityText(), Body: text(from.GetBody()),
		TraceID: hex.EncodeToString(from.GetTraceId()), Attributes: attributes(from.GetAttributes()),
	}
}

func serviceName(of *resource.Resource) string { return attributes(of.GetAttributes())["service.name"] }

func attributes(pairs []*common.KeyValue) map[string]string {
	values := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		values[pair.GetKey()] = text(pair.GetValue())
	}
	return values
}

// text returns a value as plain text.
func text(value *common.AnyValue) string {
	switch v := value.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *common.AnyValue_DoubleValue:
		return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
	case *common.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	default:
		return value.String()
	}
}
