package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"deals.example/internal/card"
	"deals.example/internal/platform"
	"deals.example/internal/queue"
	"deals.example/internal/sizing"
	"deals.example/internal/testkit"
)

// constant adds a constant of internal/sizing to the table, beside its value in the file.
func constant(tb testing.TB, id string, value float64) {
	tb.Helper()
	require.Positive(tb, value, id)
	constants, err := sizing.Load()
	require.NoError(tb, err)
	for _, known := range constants.MeasuredList() {
		if known.ID == id {
			results.add(fmt.Sprintf("%s, %s", id, known.Unit), fmt.Sprintf("%.4g", value),
				fmt.Sprintf("%s has %.4g: %+.0f %%", sizing.File, known.Value, 100*(value/known.Value-1)))
			return
		}
	}
	require.Fail(tb, id+" is not in "+sizing.File)
}

// BenchmarkCapacity measures the constants that `deals capacity` computes with. CPU times are those of the processes themselves, so that the load
// on the same machine does not count.
func BenchmarkCapacity(b *testing.B) {
	for _, part := range []struct {
		name    string
		measure func(b *testing.B)
	}{
		{"Requests", measureRequests},
		{"Purchases", measurePurchases},
		{"Jobs", measureJobs},
		{"Redis", measureRedis},
		{"Series", measureSeries},
		{"Prometheus", measurePrometheus},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.measure(b)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// settled is longer than components take to send their telemetry.
const settled = time.Second

// measureRequests measures lists, details and the lookups that these make.
func measureRequests(b *testing.B) {
	b.Helper()
	collector := startCollector(b)
	p := testkit.NewPlatform(b, program, append(collector.environ(), "READ_MODEL_STALE_AFTER=1h", "READ_MODEL_TTL=2h"), everysec())
	p.Start(b, testkit.Upstreams())
	p.Start(b, []string{platform.ExperienceAPI})
	api := p.URL(b, platform.ExperienceAPI)
	warm(b, api)
	measureLists(b, collector, api)
	measureDetails(b, collector, p)
	measureCards(b, p.Redis.Client(b))
	constant(b, "bytes-per-span", collector.spanBytes())
	measureSpans(b, p, collector)
}

func measureLists(b *testing.B, collector *collector, api string) {
	b.Helper()
	<-time.After(settled)
	collector.forget()
	var perCore []float64
	logged, lists := collector.logged(), 0.0
	for range listRounds {
		before := cpuSeconds(b, api)
		driven := drive(b, api+listPath, listConnections, listRound)
		require.Zero(b, driven.failures)
		lists += float64(len(driven.latencies))
		perCore = append(perCore, float64(len(driven.latencies))/(cpuSeconds(b, api)-before))
	}
	<-time.After(settled)
	constant(b, "lists-per-core", median(perCore))
	constant(b, "log-bytes-per-list", (collector.logged()-logged)/lists)
	constant(b, "spans-per-list", collector.perTrace(b, "GET /api/deals"))
}

// lookups counts what the domain services and the balancer were asked for.
type lookups struct {
	served   float64            // by the domain services
	balanced float64            // by the balancer
	called   float64            // of the four parts of a detail
	seconds  map[string]float64 // of a lookup, by service
}

func countLookups(b *testing.B, p *testkit.Platform) lookups {
	b.Helper()
	const histogram = "domain_http_request_duration_seconds"
	l := lookups{seconds: map[string]float64{}}
	counts, sums := map[string]float64{}, map[string]float64{}
	for _, part := range platform.Components() {
		if part.Kind != platform.Service && part.Kind != platform.Balancer {
			continue
		}
		count, sum := observed(b, p.URL(b, part.Name), histogram, "route", ":")
		if part.Kind == platform.Balancer {
			l.balanced = count
			continue
		}
		name := part.Name
		if part.ReplicaOf != "" {
			name = part.ReplicaOf
		}
		l.served += count
		counts[name] += count
		sums[name] += sum
	}
	for name, count := range counts {
		l.seconds[name] = sums[name] / count
	}
	l.called = counts[platform.PriceService] + counts[platform.InventoryService] + counts[platform.MerchantService] + l.balanced
	return l
}

func measureDetails(b *testing.B, collector *collector, p *testkit.Platform) {
	b.Helper()
	api, balancer := p.URL(b, platform.ExperienceAPI), p.URL(b, platform.RatingLB)
	var services []string
	for _, part := range platform.Components() {
		if part.Kind == platform.Service {
			services = append(services, p.URL(b, part.Name))
		}
	}
	details := api + "/api/deals/d-%25d"
	drive(b, details, detailConnections, detailRound/2) // fills the caches
	<-time.After(settled)
	before, ofAPI, ofServices, ofBalancer := countLookups(b, p), cpuSeconds(b, api), cpuSeconds(b, services...), cpuSeconds(b, balancer)
	logged := collector.logged()
	driven := drive(b, details, detailConnections, detailRound)
	<-time.After(settled)
	done := float64(len(driven.latencies))
	after := countLookups(b, p)
	constant(b, "details-per-core", done/(cpuSeconds(b, api)-ofAPI))
	constant(b, "lookups-per-core", (after.served-before.served)/(cpuSeconds(b, services...)-ofServices))
	constant(b, "balanced-per-core", (after.balanced-before.balanced)/(cpuSeconds(b, balancer)-ofBalancer))
	const parts = 4
	constant(b, "attempts-per-lookup", (after.called-before.called)/(parts*done))
	constant(b, "price-seconds", after.seconds[platform.PriceService])
	constant(b, "inventory-seconds", after.seconds[platform.InventoryService])
	constant(b, "rating-seconds", after.seconds[platform.RatingService])
	constant(b, "merchant-seconds", after.seconds[platform.MerchantService])
	constant(b, "log-bytes-per-detail", (collector.logged()-logged)/done)
	constant(b, "spans-per-detail", collector.perTrace(b, "GET /api/deals/:id"))
}

// measureCards writes and reads copies of a real card.
func measureCards(b *testing.B, rdb *redis.Client) {
	b.Helper()
	const copies, page, readers, rounds = 20_000, sizing.PageSize, 8, 10
	store := card.NewStore(rdb, card.Config{TTL: time.Hour})
	sample, found := store.One(b.Context(), "d-00007")
	require.True(b, found)
	ids := make([]string, copies)
	for i := range ids {
		ids[i] = fmt.Sprintf("d-%06d", i) // as long as that of a real one, give or take a digit
	}
	memory, thread := usedMemory(b, rdb), threadSeconds(b, rdb)
	require.NoError(b, each(readers, copies, func(i int) error {
		written := sample
		written.ID = ids[i]
		return store.Put(b.Context(), written)
	}))
	constant(b, "redis-card-writes", copies/(threadSeconds(b, rdb)-thread))
	constant(b, "bytes-per-card", (usedMemory(b, rdb)-memory)/copies)
	thread = threadSeconds(b, rdb)
	require.NoError(b, each(readers, rounds*copies/page, func(i int) error {
		from := i * page % copies
		_, err := store.Get(b.Context(), ids[from:from+page])
		return err
	}))
	constant(b, "redis-card-reads", rounds*copies/(threadSeconds(b, rdb)-thread))
}

// each calls do for the numbers below count, several at a time, and returns the first error.
func each(atATime, count int, do func(i int) error) error {
	var next atomic.Int64
	var running errgroup.Group
	for range atATime {
		running.Go(func() error {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return running.Wait()
}

// measureSpans measures how many spans a second an API delivers that records all traces, under as many lists as it answers.
func measureSpans(b *testing.B, p *testkit.Platform, collector *collector) {
	b.Helper()
	recording := p.StartReplica(b, platform.ExperienceAPI, "INSTANCE_ID=recording", "OTEL_TRACES_SAMPLER=always_on")
	warm(b, recording.URL)
	before := collector.sent()
	driven := drive(b, recording.URL+listPath, listConnections, 2*listRound)
	constant(b, "spans-per-second", (collector.sent()-before)/driven.took.Seconds())
}

// buy makes purchases, some at a time, and waits until all are completed or dead.
func buy(b *testing.B, api string, jobs *asynq.Inspector, purchases int) {
	b.Helper()
	const atATime = 32
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atATime}}
	defer client.CloseIdleConnections()
	require.NoError(b, each(atATime, purchases, func(int) error { return buyOne(b.Context(), client, api) }))
	finish(b, jobs, queue.Critical)
}

func buyOne(ctx context.Context, client *http.Client, api string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/api/purchase", strings.NewReader(`{"dealId":"d-00007"}`))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("purchase: got %s, want 202", response.Status)
	}
	return nil
}

// finish waits until all jobs of a queue are completed or dead.
func finish(b *testing.B, jobs *asynq.Inspector, of string) {
	b.Helper()
	require.Eventually(b, func() bool { return unfinished(b, jobs, of) == 0 }, time.Minute, 20*time.Millisecond)
}

// measurePurchases measures purchases from the request to the receipt: first with the worker that a user gets, for the time that they take, then
// with one whose steps take no time, for what they cost.
func measurePurchases(b *testing.B) {
	b.Helper()
	const some, many = 300, 3000
	collector := startCollector(b)
	p := testkit.NewPlatform(b, program, append(collector.environ(), "READ_MODEL_WARM_UP=false"), everysec())
	p.Start(b, testkit.Upstreams(), "FAULT_RATE=0") // each answer is 202
	p.Start(b, []string{platform.ExperienceAPI, platform.CriticalWorker})
	api, worker := p.URL(b, platform.ExperienceAPI), p.URL(b, platform.CriticalWorker)
	rdb := p.Redis.Client(b)
	jobs := asynq.NewInspectorFromRedisClient(rdb)
	buy(b, api, jobs, some)
	_, seconds := observed(b, worker, "worker_job_duration_seconds", "queue", queue.Critical)
	constant(b, "purchase-seconds", seconds/some)
	lookups, seconds := observed(b, p.URL(b, platform.DealService), "domain_http_request_duration_seconds", "route", "/deals/:")
	constant(b, "deal-seconds", seconds/lookups)
	<-time.After(settled)
	constant(b, "spans-per-purchase", collector.perTrace(b, "POST /api/purchase"))

	p.Process(platform.CriticalWorker).Kill(b)
	p.Start(b, []string{platform.CriticalWorker}, "CRITICAL_WORKER_CONCURRENCY=100", "FAULT_FRAUD_LATENCY_MIN=0s", "FAULT_FRAUD_LATENCY_MAX=0s",
		"FAULT_ANALYTICS_LATENCY_MIN=0s", "FAULT_ANALYTICS_LATENCY_MAX=0s", "FAULT_RECEIPT_LATENCY_MIN=0s", "FAULT_RECEIPT_LATENCY_MAX=0s")
	ofAPI, ofWorker, thread, memory := cpuSeconds(b, api), cpuSeconds(b, worker), threadSeconds(b, rdb), usedMemory(b, rdb)
	logged := collector.logged()
	buy(b, api, jobs, many)
	constant(b, "purchases-per-core", many/(cpuSeconds(b, api)-ofAPI))
	constant(b, "purchases-per-worker-core", many/(cpuSeconds(b, worker)-ofWorker))
	constant(b, "redis-purchases", many/(threadSeconds(b, rdb)-thread))
	<-time.After(settled)
	constant(b, "log-bytes-per-purchase", (collector.logged()-logged)/many)

	kept := usedMemory(b, rdb) - memory
	record := recordBytes(b, rdb)
	constant(b, "bytes-per-record", record)
	constant(b, "bytes-per-completed", kept/many-record)
}

// recordBytes removes the records of purchases and returns how many bytes each took.
func recordBytes(b *testing.B, rdb *redis.Client) float64 {
	b.Helper()
	keys, err := rdb.Keys(b.Context(), "deals:{"+queue.Critical+"}:purchase:*").Result()
	require.NoError(b, err)
	require.NotEmpty(b, keys)
	before := usedMemory(b, rdb)
	require.NoError(b, rdb.Del(b.Context(), keys...).Err())
	return (before - usedMemory(b, rdb)) / float64(len(keys))
}

// measureJobs measures enrichment jobs in a worker that does so few at a time that no upstream is full, then batches in the API.
func measureJobs(b *testing.B) {
	b.Helper()
	const atATime, some, batch, batches = "64", 2000, 10_000, 5
	collector := startCollector(b)
	p := testkit.NewPlatform(b, program, append(collector.environ(), "READ_MODEL_WARM_UP=false"), everysec())
	p.Start(b, testkit.Upstreams())
	p.Start(b, []string{platform.ExperienceAPI})
	api, rdb := p.URL(b, platform.ExperienceAPI), p.Redis.Client(b)
	address := api + "/api/enrichment-jobs"
	enqueue := func(count int) {
		mustCall(b, http.MethodPost, address, fmt.Sprintf(`{"count":%d}`, count), http.StatusAccepted)
	}
	p.Start(b, []string{platform.EnrichmentWorker}, "ENRICHMENT_WORKER_LIMIT=static", "ENRICHMENT_WORKER_CONCURRENCY="+atATime)
	worker := p.URL(b, platform.EnrichmentWorker)
	logged, before := collector.logged(), cpuSeconds(b, worker)
	enqueue(some)
	finish(b, asynq.NewInspectorFromRedisClient(rdb), queue.Enrichment)
	constant(b, "jobs-per-core", some/(cpuSeconds(b, worker)-before))
	_, seconds := observed(b, worker, "worker_job_duration_seconds", "queue", queue.Enrichment)
	constant(b, "job-seconds", seconds/some)
	<-time.After(settled)
	constant(b, "log-bytes-per-job", (collector.logged()-logged)/some)
	constant(b, "spans-per-job", collector.perTrace(b, "process "+queue.Enrichment))

	p.Process(platform.EnrichmentWorker).Kill(b)
	before = cpuSeconds(b, api)
	for range batches {
		require.NoError(b, rdb.FlushDB(b.Context()).Err())
		enqueue(batch)
	}
	constant(b, "batch-jobs-per-core", batches*batch/(cpuSeconds(b, api)-before))
}

// measureRedis measures what the queue's own scripts cost Redis, and what a waiting job takes.
func measureRedis(b *testing.B) {
	b.Helper()
	const many = 100_000
	server := testkit.Redis(b, everysec()...)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 32})
	b.Cleanup(func() { _ = rdb.Close() })
	client, err := queue.NewClient(rdb, queue.Deps{})
	require.NoError(b, err)
	jobs := make([]queue.EnrichJob, many)
	for i := range jobs {
		jobs[i] = queue.EnrichJob{DealID: "d-00001", Reason: queue.ReasonBatch}
	}
	memory, thread := usedMemory(b, rdb), threadSeconds(b, rdb)
	_, err = client.EnqueueEnrichment(b.Context(), jobs)
	require.NoError(b, err)
	constant(b, "redis-enqueues", many/(threadSeconds(b, rdb)-thread))
	constant(b, "bytes-per-job", (usedMemory(b, rdb)-memory)/many)

	thread = threadSeconds(b, rdb)
	var done atomic.Int64
	stop := startOurs(b, rdb, &done)
	defer stop()
	require.Eventually(b, func() bool { return done.Load() >= many }, time.Minute, 20*time.Millisecond)
	constant(b, "redis-completions", many/(threadSeconds(b, rdb)-thread))
}
