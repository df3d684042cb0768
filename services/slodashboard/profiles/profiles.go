// Package profiles finds the traces that used the most CPU time. Components label their CPU samples with the trace and the span that they worked
// for, if it is recorded, and Pyroscope adds the samples up by span.
package profiles

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"deals.example/internal/cache"
	"deals.example/internal/platform"
	"deals.example/services/slodashboard/api"
)

// ErrUnavailable is returned if Pyroscope does not answer as expected.
var ErrUnavailable = errors.New("profiles are unavailable")

const (
	// Window is the time before now of which profiles count.
	Window = 15 * time.Minute

	most      = 10               // traces of an answer
	upload    = 15 * time.Second // interval at which components send profiles
	age       = 10 * time.Second // how long an answer is kept
	timeout   = 5 * time.Second
	maxAnswer = 16 << 20 // bytes; a minute of hashes has 33 kB
)

// Client queries Pyroscope. Callers that ask for the same component share an answer. It may be used concurrently.
type Client struct {
	url       string
	transport http.RoundTripper
	answers   *cache.Cache[string, api.BusyTraces]
}

// New returns a client of Pyroscope at url. It does not close transport.
func New(url string, transport http.RoundTripper) (*Client, error) {
	c := &Client{url: strings.TrimSuffix(url, "/") + "/querier.v1.QuerierService/SelectHeatmap", transport: transport}
	var err error
	c.answers, err = cache.New(cache.Config{
		Policy: cache.SingleFlight, TTL: age, MaxAge: 2 * age, Size: len(platform.Components()), Timeout: timeout,
	}, c.find, nil)
	return c, err
}

// Close waits for the queries in flight, at most for their timeout. The client must not be used afterwards.
func (c *Client) Close() { c.answers.Close() }

// Traces returns the recorded traces for which a component used the most CPU time in the last Window, the most expensive first. The error wraps
// ErrUnavailable if Pyroscope does not answer.
func (c *Client) Traces(ctx context.Context, component string) (api.BusyTraces, error) {
	traces, _, _, err := c.answers.Get(ctx, component)
	return traces, err
}

func (c *Client) find(ctx context.Context, component string) (api.BusyTraces, error) {
	now := time.Now()
	answer, err := c.query(ctx, question{
		ProfileTypeID: "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
		LabelSelector: fmt.Sprintf(`{service_name=%q}`, component),
		Start:         now.Add(-Window).UnixMilli(), End: now.UnixMilli(), Step: upload.Seconds(),
		GroupBy: []string{spanName}, QueryType: "HEATMAP_QUERY_TYPE_SPAN", ExemplarType: "EXEMPLAR_TYPE_SPAN",
	})
	if err != nil {
		return api.BusyTraces{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return api.BusyTraces{At: now, WindowSec: Window.Seconds(), Traces: answer.busiest()}, nil
}

// question is the used part of Pyroscope's SelectHeatmapRequest.
type question struct {
	ProfileTypeID string   `json:"profileTypeID"`
	LabelSelector string   `json:"labelSelector"`
	Start         int64    `json:"start"` // Unix milliseconds
	End           int64    `json:"end"`   // Unix milliseconds
	Step          float64  `json:"step"`  // seconds
	GroupBy       []string `json:"groupBy"`
	QueryType     string   `json:"queryType"`
	ExemplarType  string   `json:"exemplarType"`
}

// spanName is the label of a sample that has the name of the component's first span in the trace.
const spanName = "span_name"

// heatmap is the used part of Pyroscope's SelectHeatmapResponse. Of each step, and of each twentieth of the range of values, it has the span with
// the most CPU time, so it has the largest of each step.
type heatmap struct {
	Series []struct {
		Labels labels
		Slots  []struct {
			Exemplars []struct {
				Timestamp int64String // Unix milliseconds
				TraceID   string      `json:"traceId"`
				SpanID    string      `json:"spanId"`
				Value     int64String // nanoseconds
			}
		}
	}
}

type labels []struct{ Name, Value string }

// get returns the value of a label, empty if there is none.
func (l labels) get(name string) string {
	for _, label := range l {
		if label.Name == name {
			return label.Value
		}
	}
	return ""
}

// int64String is a 64-bit integer in the JSON of protocol buffers, which is a string.
type int64String int64

// UnmarshalJSON decodes a string of digits.
func (i *int64String) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	*i = int64String(n)
	return err
}

func (c *Client) query(ctx context.Context, q question) (answer heatmap, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return answer, fmt.Errorf("ask Pyroscope: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("ask Pyroscope: got status %d, want 200", response.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer); err != nil {
		return answer, fmt.Errorf("decode Pyroscope's answer: %w", err)
	}
	return answer, nil
}

// busiest returns the spans with the most CPU time, of which each has a trace. A span that lasts longer than a step is in several.
func (h heatmap) busiest() []api.BusyTrace {
	spans := map[string]api.BusyTrace{}
	for _, series := range h.Series {
		for _, slot := range series.Slots {
			for _, e := range slot.Exemplars {
				if e.TraceID == "" {
					continue // work between spans
				}
				cpu := spans[e.SpanID].CPUMs + float64(e.Value)/float64(time.Millisecond)
				spans[e.SpanID] = api.BusyTrace{
					TraceID: e.TraceID, SpanID: e.SpanID, Span: series.Labels.get(spanName), CPUMs: cpu, At: time.UnixMilli(int64(e.Timestamp)),
				}
			}
		}
	}
	traces := slices.AppendSeq(make([]api.BusyTrace, 0, len(spans)), maps.Values(spans)) // a list in JSON, never null
	slices.SortFunc(traces, func(a, b api.BusyTrace) int {
		return cmp.Or(cmp.Compare(b.CPUMs, a.CPUMs), strings.Compare(a.SpanID, b.SpanID))
	})
	return traces[:min(most, len(traces))]
}
