package bench

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

const (
	hashClients = 8
	listClients = 20
	hashRound   = 8 * time.Second
)

// way is a way to compute heavy hashes.
type way struct {
	name, path string
	environ    []string
}

// ways returns the ways that are compared: a goroutine per request, and pools with one thread, with a low priority, and with more
// processors.
func ways() []way {
	pool := func(workers, nice int, procs bool) []string {
		return []string{
			fmt.Sprintf("HASH_POOL_WORKERS=%d", workers), fmt.Sprintf("HASH_POOL_NICE=%d", nice),
			fmt.Sprintf("HASH_POOL_EXTRA_PROCS=%t", procs),
		}
	}
	const good = "/api/heavy-hash/good"
	return []way{
		{"bad: a goroutine for each request", "/api/heavy-hash/bad", nil},
		{"good: one thread", good, pool(1, 0, false)},
		{"good: one thread at nice 19", good, pool(1, 19, false)},
		{"good: two threads at nice 19, GOMAXPROCS + 2 (default)", good, nil},
	}
}

// BenchmarkHash sends lists and heavy hashes concurrently, and compares the throughput and latency of the lists between the ways.
func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		measured := make([]hashed, 0, len(ways()))
		for _, w := range ways() {
			one := measureHash(b, w)
			measured = append(measured, one)
			results.add("hash, "+w.name, one.String(), "")
		}
		bad, good := measured[0], measured[len(measured)-1]
		latency, scheduler := ratio(good.p99, bad.p99), good.scheduler/bad.scheduler
		b.ReportMetric(latency, "p99-good/bad")
		b.ReportMetric(scheduler, "sched-good/bad")
		results.add("list p99 under good against bad", fmt.Sprintf("%.3f", latency), "at most 0.2")
		results.add("scheduler latency p99 under good against bad", fmt.Sprintf("%.4f", scheduler), "at most 0.05")
	}
	b.ReportMetric(0, "ns/op")
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// hashed is the performance of lists while hashes are computed.
type hashed struct {
	rps, hashes float64 // per second
	p50, p99    time.Duration
	scheduler   float64 // p99 of the scheduler latency in seconds
}

// String returns the text of the table.
func (h hashed) String() string {
	return fmt.Sprintf("list %.0f rps, p50 %.1f ms, p99 %.1f ms; scheduler p99 %.2f ms; %.1f hashes/s",
		h.rps, ms(h.p50), ms(h.p99), h.scheduler*1000, h.hashes)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func measureHash(b *testing.B, w way) hashed {
	b.Helper()
	platform := testkit.NewPlatform(b, program, append(telemetry(b), w.environ...), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	api := platform.URL(b, "experience-api")
	warm(b, api)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	hashes := startHashes(ctx, api+w.path)
	drive(b, api+listPath, listClients, time.Second) // warm-up
	before := schedulerLatencies(b, api)
	count := hashes.done()
	lists := drive(b, api+listPath, listClients, hashRound)
	result := hashed{
		rps: lists.rps(), p50: lists.quantile(0.5), p99: lists.quantile(0.99),
		hashes:    float64(hashes.done()-count) / lists.took.Seconds(),
		scheduler: quantile(0.99, before, schedulerLatencies(b, api)),
	}
	cancel()
	hashes.running.Wait()
	for _, component := range append(testkit.Upstreams(), "experience-api") {
		platform.Process(component).Kill(b)
	}
	return result
}

// hashing is a set of clients that request hashes in a closed loop. A refused client pauses.
type hashing struct {
	running sync.WaitGroup
	mu      sync.Mutex
	count   int
}

func (h *hashing) done() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

func startHashes(ctx context.Context, address string) *hashing {
	h := &hashing{}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: hashClients}}
	for range hashClients {
		h.running.Go(func() {
			for ctx.Err() == nil {
				if hashOnce(ctx, client, address) == http.StatusOK {
					h.mu.Lock()
					h.count++
					h.mu.Unlock()
					continue
				}
				select {
				case <-time.After(50 * time.Millisecond):
				case <-ctx.Done():
				}
			}
		})
	}
	return h
}

func hashOnce(ctx context.Context, client *http.Client, address string) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewBufferString(`{"rounds":3,"iterations":220000}`))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode
}

// schedulerLatencies reads go_sched_latencies_seconds.
func schedulerLatencies(tb testing.TB, api string) *dto.Histogram {
	tb.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(mustGet(tb, api+"/metrics")))
	require.NoError(tb, err)
	family := families["go_sched_latencies_seconds"]
	require.NotNil(tb, family)
	return family.GetMetric()[0].GetHistogram()
}

// quantile estimates a quantile of the observations between two readings of a histogram. Like PromQL's histogram_quantile it interpolates
// linearly within a bucket.
func quantile(q float64, before, after *dto.Histogram) float64 {
	earlier := map[float64]uint64{}
	for _, bucket := range before.GetBucket() {
		earlier[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
	}
	rank := q * float64(after.GetSampleCount()-before.GetSampleCount())
	low, below := 0.0, 0.0
	for _, bucket := range after.GetBucket() {
		count := float64(bucket.GetCumulativeCount() - earlier[bucket.GetUpperBound()])
		if count >= rank && count > below && !math.IsInf(bucket.GetUpperBound(), 1) {
			return low + (bucket.GetUpperBound()-low)*(rank-below)/(count-below)
		}
		low, below = bucket.GetUpperBound(), count
	}
	return low
}
