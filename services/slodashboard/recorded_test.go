package slodashboard_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/slodashboard"
)

// Samples cover the time from well before to well after the test, so that a query at the current time has a known answer throughout.
const (
	recordedBefore = 16 * time.Minute
	recordedAfter  = 3 * time.Minute
	recordedEvery  = 2 * time.Second
)

// recording holds samples as Prometheus scrapes them.
type recording struct {
	moments []time.Time
	series  []prompb.TimeSeries
}

func newRecording() *recording {
	r := &recording{}
	now := time.Now().Truncate(10 * time.Second)
	for at := now.Add(-recordedBefore); at.Before(now.Add(recordedAfter)); at = at.Add(recordedEvery) {
		r.moments = append(r.moments, at)
	}
	return r
}

// labels takes names and values in turn.
func (r *recording) labels(name string, labels []string) []prompb.Label {
	pairs := []prompb.Label{{Name: "__name__", Value: name}}
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, prompb.Label{Name: labels[i], Value: labels[i+1]})
	}
	slices.SortFunc(pairs, func(a, b prompb.Label) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// values records a series as a function of the seconds since the start.
func (r *recording) values(name string, value func(seconds float64) float64, labels ...string) {
	series := prompb.TimeSeries{Labels: r.labels(name, labels)}
	for _, at := range r.moments {
		series.Samples = append(series.Samples, prompb.Sample{Timestamp: at.UnixMilli(), Value: value(at.Sub(r.moments[0]).Seconds())})
	}
	r.series = append(r.series, series)
}

func (r *recording) gauge(name string, value float64, labels ...string) {
	r.values(name, func(float64) float64 { return value }, labels...)
}

func (r *recording) counter(name string, perSecond float64, labels ...string) {
	r.values(name, func(seconds float64) float64 { return perSecond * seconds }, labels...)
}

// bucket returns the number of observations between 2^(index-1) and 2^index seconds, up to the given seconds since the start.
type bucket struct {
	index int32
	until func(seconds float64) float64
}

func steady(index int32, perSecond float64) bucket {
	return bucket{index, func(seconds float64) float64 { return perSecond * seconds }}
}

// histogram records a native histogram of schema 0 with adjacent buckets, and its count as a series of its own.
func (r *recording) histogram(name string, buckets []bucket, labels ...string) {
	series := prompb.TimeSeries{Labels: r.labels(name, labels)}
	count := func(seconds float64) (sum float64) {
		for _, b := range buckets {
			sum += b.until(seconds)
		}
		return sum
	}
	for _, at := range r.moments {
		seconds := at.Sub(r.moments[0]).Seconds()
		h := &histogram.FloatHistogram{Count: count(seconds), PositiveSpans: []histogram.Span{{Offset: buckets[0].index}}}
		for _, b := range buckets {
			h.PositiveSpans[0].Length++
			h.PositiveBuckets = append(h.PositiveBuckets, b.until(seconds))
		}
		series.Histograms = append(series.Histograms, prompb.FromFloatHistogram(at.UnixMilli(), h))
	}
	r.series = append(r.series, series)
	r.values(name+"_count", count, labels...)
}

// play starts a Prometheus that holds the recording.
func (r *recording) play(tb testing.TB) *testkit.PrometheusServer {
	tb.Helper()
	server := testkit.Prometheus(tb, nil)
	for part := range slices.Chunk(r.series, 50) {
		body, err := (&prompb.WriteRequest{Timeseries: part}).Marshal()
		require.NoError(tb, err)
		request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, server.URL+"/api/v1/write", bytes.NewReader(snappy.Encode(nil, body)))
		require.NoError(tb, err)
		request.Header.Set("Content-Type", "application/x-protobuf")
		request.Header.Set("Content-Encoding", "snappy")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Do(request)
		require.NoError(tb, err)
		require.NoError(tb, response.Body.Close())
		require.Equal(tb, http.StatusNoContent, response.StatusCode)
	}
	return server
}

// run runs the dashboard with a Prometheus. Its other dependencies are missing unless environ has them.
func run(tb testing.TB, prometheus string, environ map[string]string) *testkit.Instance {
	tb.Helper()
	all := map[string]string{
		"PROMETHEUS_URL": prometheus, "SCENARIO_AUTOSTART": "false", "K6_BINARY": "/nonexistent/k6",
		"REDIS_URL": "redis://127.0.0.1:1/0", "PROBE_INTERVAL": "0s",
	}
	maps.Copy(all, environ)
	return testkit.Run(tb, app.Define(app.Info{Name: "slo-dashboard"}, slodashboard.Build), all)
}

// object is a JSON object.
type object map[string]any

// get requires a 200.
func get(tb testing.TB, dashboard *testkit.Instance, path string) object {
	tb.Helper()
	answer := dashboard.Get(tb, path)
	require.Equal(tb, http.StatusOK, answer.Status, "%s: %s", path, answer.Body)
	var body object
	require.NoError(tb, json.Unmarshal([]byte(answer.Body), &body))
	return body
}

// at returns the value at a path of members. In a list of objects, a member selects the one with that id, name or outcome.
func (o object) at(tb testing.TB, path ...string) any {
	tb.Helper()
	var found any = map[string]any(o)
	for _, step := range path {
		found = next(found, step)
	}
	return found
}

func next(in any, step string) any {
	switch in := in.(type) {
	case map[string]any:
		return in[step]
	case []any:
		for _, element := range in {
			one, _ := element.(map[string]any)
			for _, key := range []string{"id", "name", "outcome"} {
				if one[key] == step {
					return one
				}
			}
		}
	}
	return nil
}

// near compares numbers with a tolerance for the extrapolation of rates.
func near(tb testing.TB, want float64, got any, what string) {
	tb.Helper()
	number, ok := got.(float64)
	if assert.True(tb, ok, "%s: got %v, want %g", what, got, want) {
		assert.InDelta(tb, want, number, max(0.001*want, 1e-6), what)
	}
}
