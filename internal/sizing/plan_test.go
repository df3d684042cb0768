package sizing_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/sizing"
)

// rounded returns constants that are easy to compute with.
func rounded() sizing.Constants {
	v := func(value float64) sizing.Constant { return sizing.Constant{Value: value} }
	return sizing.Constants{
		Measured: sizing.Measured{
			ListsPerCore: v(10_000), DetailsPerCore: v(1000), PurchasesPerCore: v(1000), BatchJobsPerCore: v(100_000), LookupsPerCore: v(10_000),
			BalancedPerCore: v(5000), AttemptsPerLookup: v(1), DealSeconds: v(0.1), PriceSeconds: v(0.1), InventorySeconds: v(0.1), RatingSeconds: v(0.2),
			MerchantSeconds: v(0.1), JobSeconds: v(0.2), JobsPerCore: v(1000), PurchaseSeconds: v(0.2), PurchasesPerWorkerCore: v(1000),
			RedisEnqueues: v(50_000), RedisCompletions: v(50_000), RedisCardReads: v(500_000), RedisCardWrites: v(100_000), RedisPurchases: v(10_000),
			BytesPerJob: v(1000), BytesPerCard: v(1000), BytesPerRecord: v(1000), BytesPerCompleted: v(1000),
			SeriesPerAPI: v(1000), SeriesPerService: v(300), SeriesPerBalancer: v(300), SeriesPerEnrichmentWorker: v(500), SeriesPerCriticalWorker: v(400),
			SamplesPerSeries: v(1), PrometheusBytesPerSeries: v(4000), PrometheusSamplesPerCore: v(100_000),
			SpansPerList: v(5), SpansPerDetail: v(20), SpansPerPurchase: v(30), SpansPerJob: v(10), BytesPerSpan: v(500), SpansPerSecond: v(5000),
			LogBytesPerList: v(5), LogBytesPerDetail: v(50), LogBytesPerPurchase: v(2000), LogBytesPerJob: v(20), K6ListsPerCore: v(5000),
		},
		Stated: sizing.Stated{
			RedisConnections: v(10_000), RedisMemoryFactor: v(2), RedisClusterNodes: v(1000), MimirSamplesPerCore: v(25_000), MimirSeriesPerCore: v(300_000),
			MimirBytesPerSeries: v(8000), MimirReplication: v(3), TempoDistributorBytes: v(10e6), TempoLiveStoreBytes: v(6e6),
			LokiMonolithicBytes: v(20e9), LokiIngesterBytes: v(200e9), LokiDistributorBytes: v(300e9), LokiIngestersAtLeast: v(6), LokiDistributorAtLeast: v(4),
		},
	}
}

// small is a demand that one machine carries, with half of each part to spare and no spare instances.
func small() sizing.Demand {
	return sizing.Demand{
		RPS: 1000, Details: 0.1, Purchases: 0.01, Jobs: 100, Deals: 1000, Cities: 10, Regions: 1, Utilization: 0.5, Scrape: 2 * time.Second,
	}
}

func compute(t *testing.T, change func(*sizing.Demand)) sizing.Plan {
	t.Helper()
	demand := small()
	change(&demand)
	plan, err := sizing.Compute(rounded(), demand)
	require.NoError(t, err)
	return plan
}

// counts returns the counts of a plan by part.
func counts(plan sizing.Plan) map[string]int {
	all := map[string]int{}
	for _, item := range plan.Bill {
		all[item.Part] = item.Count
	}
	return all
}

func TestCompute(t *testing.T) {
	tests := map[string]struct {
		change func(*sizing.Demand)
		want   map[string]int // of some parts
	}{
		"one machine": {func(*sizing.Demand) {}, map[string]int{
			"experience-api": 1, "deal-service": 1, "rating-lb": 1, "enrichment-worker": 1, "critical-worker": 1, "redis": 2,
			"prometheus": 1, "tempo": 1, "loki": 1, "k6, to test it": 1,
		}},
		"spare": {func(d *sizing.Demand) { d.Spare = 2 }, map[string]int{"experience-api": 3, "rating-service": 3, "critical-worker": 3, "redis": 2}},
		// 89,000 lists, 10,000 details and 1,000 purchases are 8.9 + 10 + 1 cores; 20 of them are half of 40.
		"processors": {func(d *sizing.Demand) { d.RPS, d.Jobs = 100_000, 0 }, map[string]int{"experience-api": 20, "k6, to test it": 10}},
		// 1,000 details and 1,000 jobs hold 400 of the places of ratings, and 200 of those of prices.
		"places": {func(d *sizing.Demand) { d.RPS, d.Jobs = 10_000, 998.3 }, map[string]int{"rating-service": 7, "price-service": 4, "critical-worker": 4}},
		// 10,000 jobs of 200 ms hold 2,000 places; in each worker 128 of 256 may be busy.
		"workers": {func(d *sizing.Demand) { d.Jobs = 10_000 }, map[string]int{"enrichment-worker": 16}},
		// 100 purchases a second are kept for two days, and their jobs for one: 26 GB, of which a Redis keeps half of 32 GiB.
		"purchases are kept": {func(d *sizing.Demand) { d.RPS = 10_000 }, map[string]int{"redis, critical-jobs": 4, "redis, cards": 2, "redis, enrichment-jobs": 2}},
		// 20,000 jobs a second keep the thread of a queue busy for 0.8 of the time.
		"one queue": {func(d *sizing.Demand) { d.Jobs = 20_000 }, map[string]int{"redis, enrichment-jobs": 4}},
		"cards":     {func(d *sizing.Demand) { d.Deals = 100_000_000 }, map[string]int{"redis, cards": 12, "redis, critical-jobs": 2}},
		// 100,000 requests a second in each of four regions, when the fifth is lost.
		"regions": {func(d *sizing.Demand) { d.RPS, d.Regions, d.Jobs = 400_000, 5, 0 }, map[string]int{"experience-api": 20}},
		"mimir": {func(d *sizing.Demand) { d.RPS = 5_000_000 }, map[string]int{
			"prometheus, as an agent": 4, "mimir, ingester": 8, "mimir, distributor": 16,
		}},
		"loki":  {func(d *sizing.Demand) { d.RPS = 100_000 }, map[string]int{"loki, ingester": 6, "loki, distributor": 4}},
		"tempo": {func(d *sizing.Demand) { d.RPS = 10_000_000 }, map[string]int{"tempo, distributor": 14, "tempo, live-store": 23}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			plan := compute(t, tc.change)
			got := counts(plan)
			maps.DeleteFunc(got, func(part string, _ int) bool { return tc.want[part] == 0 })
			assert.Equal(t, tc.want, got, "%+v", plan.Bill)
		})
	}
}

// TestLimits checks where single parts end, for which the demand of 1,000 requests is scaled.
func TestLimits(t *testing.T) {
	plan := compute(t, func(d *sizing.Demand) { d.Cities = 1 })
	ends := map[string]float64{}
	for _, limit := range plan.Limits {
		ends[limit.Part+", "+limit.Of] = limit.RPS
	}
	for what, want := range map[string]float64{
		"experience-api, processors":               10_000,  // 0.199 + 0.001 cores for each 1,000 requests
		"critical-worker, places":                  5000,    // 10 purchases hold 2 places
		"redis, memory it starts with":             102.2,   // 2.6 MB of purchases, jobs and 1 MB of cards for each
		"critical-jobs, the memory of its shard":   6628,    // 10 purchases a second are 2.6 GB of 16 GiB
		"enrichment-jobs, the thread of its shard": 249_998, // 100 jobs for each 1,000 requests, and few refreshes
		"k6, processors":                           10_000,
	} {
		assert.InEpsilon(t, want, ends[what], 0.01, what)
	}
	assert.True(t, slices.IsSortedFunc(plan.Limits, func(a, b sizing.Limit) int { return int(math.Copysign(1, a.RPS-b.RPS)) }))
	before := plan.Before(2)
	assert.Equal(t, "redis", before[0].Part)
	assert.LessOrEqual(t, before[len(before)-3].RPS, 1000.0)
	assert.Greater(t, before[len(before)-2].RPS, 1000.0)
}

func TestLimitThatIsExceededFromTheStart(t *testing.T) {
	plan := compute(t, func(d *sizing.Demand) { d.Deals = 1_000_000 })
	assert.Zero(t, plan.Limits[0].RPS)
	assert.Equal(t, "memory it starts with", plan.Limits[0].Of)
}

// TestMoreNeverNeedsLess grows demands and checks that no part needs fewer. Where a part gives way to several, all that came for it stay.
func TestMoreNeverNeedsLess(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: the same demands at each run
	for range 300 {
		demand := small()
		demand.RPS, demand.Jobs = math.Pow(10, 7*random.Float64()), math.Pow(10, 6*random.Float64())
		demand.Details, demand.Purchases = random.Float64()/2, random.Float64()/2
		demand.Cities, demand.Regions, demand.Spare = 1+random.IntN(100), 1+random.IntN(6), random.IntN(4)
		less, err := sizing.Compute(rounded(), demand)
		require.NoError(t, err)
		for name, grow := range map[string]func(*sizing.Demand){
			"requests": func(d *sizing.Demand) { d.RPS *= 1 + 9*random.Float64() },
			"jobs":     func(d *sizing.Demand) { d.Jobs *= 1 + 9*random.Float64() },
			"deals":    func(d *sizing.Demand) { d.Deals *= 1000 },
			"spare":    func(d *sizing.Demand) { d.Spare++ },
			"idle":     func(d *sizing.Demand) { d.Utilization /= 2 },
		} {
			grown := demand
			grow(&grown)
			more, err := sizing.Compute(rounded(), grown)
			require.NoError(t, err)
			has := counts(more)
			for part, count := range counts(less) {
				if has[part] == 0 && slices.Contains([]string{"redis", "prometheus", "tempo", "loki"}, part) {
					continue
				}
				require.GreaterOrEqual(t, has[part], count, "%s: %s of %+v", name, part, demand)
			}
		}
	}
}

func TestFaultsOfDemand(t *testing.T) {
	tests := map[string]struct {
		change func(*sizing.Demand)
		want   string
	}{
		"nothing":     {func(d *sizing.Demand) { d.RPS = 0 }, "rps: got 0, want a number over 0 and at most 1e9, requests a second"},
		"too much":    {func(d *sizing.Demand) { d.RPS = 2e9 }, "rps: got 2e+09, want a number over 0 and at most 1e9, requests a second"},
		"no number":   {func(d *sizing.Demand) { d.Jobs = math.NaN() }, "jobs: got NaN, want a number from 0 to 1e9, jobs a second"},
		"percent":     {func(d *sizing.Demand) { d.Details = 9 }, "details: got 9, want a share from 0 to 1"},
		"negative":    {func(d *sizing.Demand) { d.Purchases = -0.5 }, "purchases: got -0.5, want a share from 0 to 1"},
		"over all":    {func(d *sizing.Demand) { d.Details, d.Purchases = 0.75, 0.5 }, "details: got 1.25, want at most 1 together with purchases"},
		"no deals":    {func(d *sizing.Demand) { d.Deals = 0 }, "deals: got 0, want a whole number from 1 to 1,000,000,000"},
		"cities":      {func(d *sizing.Demand) { d.Cities = 101 }, "cities: got 101, want a whole number from 1 to 100"},
		"no region":   {func(d *sizing.Demand) { d.Regions = 0 }, "regions: got 0, want a whole number from 1 to 100"},
		"utilization": {func(d *sizing.Demand) { d.Utilization = 1 }, "utilization: got 1, want a number from 0.05 to 0.95"},
		"spare":       {func(d *sizing.Demand) { d.Spare = -1 }, "spare: got -1, want a whole number from 0 to 100"},
		"scrape":      {func(d *sizing.Demand) { d.Scrape = time.Millisecond }, "scrape: got 1ms, want 1s to 5m0s"},
		"all at once": {func(d *sizing.Demand) { d.RPS, d.Cities = -1, 0 }, "rps: got -1, want a number over 0 and at most 1e9, requests a second\n" +
			"cities: got 0, want a whole number from 1 to 100"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			demand := small()
			tc.change(&demand)
			_, err := sizing.Compute(rounded(), demand)
			assert.EqualError(t, err, tc.want)
		})
	}
}

// TestItemsNameTheirConstants checks that each item names constants that exist, at a small and at a large scale, and that all measured ones are named.
func TestItemsNameTheirConstants(t *testing.T) {
	constants, err := sizing.Load()
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, one := range slices.Concat(constants.MeasuredList(), constants.StatedList()) {
		ids[one.ID] = false
	}
	for _, rps := range []float64{100, 10_000_000} {
		for _, item := range compute(t, func(d *sizing.Demand) { d.RPS, d.Jobs = rps, rps/10 }).Bill {
			for _, pattern := range item.Constants {
				named := 0
				for id := range ids {
					if matches, err := path.Match(pattern, id); err == nil && matches {
						ids[id] = true
						named++
					}
				}
				assert.Positive(t, named, "%s: %s", item.Part, pattern)
			}
		}
	}
	var unnamed []string
	for id, named := range ids {
		if !named {
			unnamed = append(unnamed, id)
		}
	}
	slices.Sort(unnamed)
	assert.Equal(t, []string{"loki-distributors-at-least", "loki-ingesters-at-least", "redis-cluster-nodes", "redis-connections", "redis-memory-factor"}, unnamed)
}

func TestNumber(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 0.001: "under 0.01", 0.0123: "0.012", 0.5: "0.5", 1.26: "1.3", 3: "3", 9.96: "10", 10.4: "10", 256: "256", 999.5: "1,000", 1234567: "1,230,000",
	} {
		assert.Equal(t, want, sizing.Number(value), fmt.Sprint(value))
	}
}

func TestWhole(t *testing.T) {
	assert.Equal(t, "1,234,567", sizing.Whole(1_234_567))
}

func TestItemFrom(t *testing.T) {
	assert.Equal(t, "a, b", sizing.Item{Constants: strings.Fields("a b")}.From())
}
