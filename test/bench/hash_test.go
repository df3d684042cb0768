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
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

const (
	hashClients = 8
	hashRound   = 10 * time.Second
	listShare   = 0.3 // of the lists that the machine gives without hashes
)

// way is a way to compute heavy hashes.
type way struct {
	name, path string
	environ    []string
}

// ways returns the ways that are compared: a goroutine per request, and pools with one thread, with the idle priority, and with more
// processors.
func ways() []way {
	pool := func(workers int, idle, procs bool) []string {
		return []string{
			fmt.Sprintf("HASH_POOL_WORKERS=%d", workers), fmt.Sprintf("HASH_POOL_IDLE=%t", idle),
			fmt.Sprintf("HASH_POOL_EXTRA_PROCS=%t", procs),
		}
	}
	const good = "/api/heavy-hash/good"
	return []way{
		{"none", "", nil},
		{"bad: a goroutine for each request", "/api/heavy-hash/bad", nil},
		{"good: one thread", good, pool(1, false, false)},
		{"good: one idle thread", good, pool(1, true, false)},
		{"good: two idle threads, GOMAXPROCS + 2 (default)", good, nil},
	}
}

// BenchmarkHash sends lists at a constant rate and heavy hashes from clients in a closed loop, and compares the latency of the lists and the
// number of hashes between the ways.
func BenchmarkHash(b *testing.B) {
	rate := listShare * listRate(b)
	for b.Loop() {
		measured := make([]hashed, 0, len(ways()))
		for _, w := range ways() {
			one := measureHash(b, w, rate)
			measured = append(measured, one)
			results.add(fmt.Sprintf("%.0f lists a second, hashes: %s", rate, w.name), one.String(), "")
		}
		none, bad, good := measured[0], measured[1], measured[len(measured)-1]
		latency, scheduler := ratio(good.p99, bad.p99), good.scheduler/bad.scheduler
		b.ReportMetric(latency, "p99-good/bad")
		b.ReportMetric(scheduler, "sched-good/bad")
		results.add("list p99 beside 8 clients of good hashes against without them",
			fmt.Sprintf("%.1f of %.1f ms = %.1f", ms(good.p99), ms(none.p99), ratio(good.p99, none.p99)), "at most 2, better 1.3")
		results.add("hashes done, good against bad", hashesOf(good, bad), "0.8, better 0.95")
		// The bad way leaves lists unanswered, and computes hashes in that time. Compare it with the good way under the lists it answers.
		same := measureHash(b, ways()[len(ways())-1], bad.lists)
		results.add(fmt.Sprintf("hashes done, good against bad, both with %.0f lists a second answered", bad.lists), hashesOf(same, bad), "0.8, better 0.95")
		results.add("list p99 under good against bad", fmt.Sprintf("%.3f", latency), "at most 0.2")
		results.add("scheduler latency p99 under good against bad", fmt.Sprintf("%.4f", scheduler), "at most 0.05")
	}
	b.ReportMetric(0, "ns/op")
}

func hashesOf(good, bad hashed) string {
	return fmt.Sprintf("%.1f of %.1f a second = %.2f", good.hashes, bad.hashes, good.hashes/bad.hashes)
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// hashed is the performance of lists while hashes are computed.
type hashed struct {
	hashes    float64 // per second
	lists     float64 // answered per second
	p50, p99  time.Duration
	scheduler float64 // p99 of the scheduler latency in seconds
}

// String returns the text of the table.
func (h hashed) String() string {
	return fmt.Sprintf("%.0f lists/s, p50 %.1f ms, p99 %.1f ms; scheduler p99 %.2f ms; %.1f hashes/s",
		h.lists, ms(h.p50), ms(h.p99), h.scheduler*1000, h.hashes)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// listRate returns the lists a second that the API answers in a closed loop.
func listRate(b *testing.B) float64 {
	b.Helper()
	api, stop := startAPI(b, nil)
	defer stop()
	return drive(b, api+listPath, tailConnections, listRound).rps()
}

// startAPI starts an API with its upstreams and a warm read model. stop kills them.
func startAPI(b *testing.B, environ []string) (api string, stop func()) {
	b.Helper()
	platform := testkit.NewPlatform(b, program, append(telemetry(b), environ...), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	api = platform.URL(b, "experience-api")
	warm(b, api)
	return api, func() {
		for _, component := range append(testkit.Upstreams(), "experience-api") {
			platform.Process(component).Kill(b)
		}
	}
}

func measureHash(b *testing.B, w way, rate float64) hashed {
	b.Helper()
	api, stop := startAPI(b, w.environ)
	defer stop()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	hashes := &hashing{}
	if w.path != "" {
		hashes = startHashes(ctx, api+w.path)
	}
	driveAt(b, api+listPath, tailConnections, rate, 2*time.Second) // warm-up
	before := schedulerLatencies(b, api)
	count := hashes.done()
	lists := driveAt(b, api+listPath, tailConnections, rate, hashRound)
	result := hashed{
		p50: lists.quantile(0.5), p99: lists.quantile(0.99),
		lists: lists.rps(), hashes: float64(hashes.done()-count) / lists.took.Seconds(),
		scheduler: quantile(0.99, before, schedulerLatencies(b, api)),
	}
	cancel()
	hashes.running.Wait()
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
	family := scrape(tb, api)["go_sched_latencies_seconds"]
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
