package sizing

import (
	"cmp"
	"math"
	"slices"

	"deals.example/internal/platform"
	"deals.example/internal/queue"
)

// Limit is where one instance of a part ends, while there is enough of all others.
type Limit struct {
	Part string  `json:"part"`
	Of   string  `json:"of"`   // what runs out
	Has  float64 `json:"has"`  // of one
	Unit string  `json:"unit"` // of Has
	RPS  float64 `json:"rps"`  // in all regions, when all of it is used; 0 if the demand exceeds it with any rate
	Jobs float64 `json:"jobs"` // a second, likewise
	Then string  `json:"then"` // what helps

	need func(model) float64
}

// Amount writes what one has.
func (l Limit) Amount() string { return quantity(l.Has, l.Unit) }

// limits returns the limits of one of each part.
func limits(c *Constants) []Limit {
	return slices.Concat(componentLimits(), redisLimits(c), telemetryLimits(c))
}

func componentLimits() []Limit {
	all := []Limit{
		{
			Part: platform.ExperienceAPI, Of: "processors", Has: ReplicaCores, Unit: cores, Then: "replicas: they share nothing but Redis",
			need: func(m model) float64 { return m.apiCores },
		},
		{
			Part: platform.RatingLB, Of: "processors", Has: ReplicaCores, Unit: cores, Then: "replicas",
			need: model.balancerCores,
		},
		{
			Part: platform.RatingLB, Of: "LB_TARGETS", Has: BalancerTargets, Unit: replicas, Then: "let callers balance, or the network",
			need: func(m model) float64 { return m.instances(m.ratings().busy(), Places) },
		},
		{
			Part: platform.EnrichmentWorker, Of: "places", Has: EnrichmentPlaces, Unit: places, Then: "replicas",
			need: func(m model) float64 { return m.jobs * m.Measured.JobSeconds.Value },
		},
		{
			Part: platform.CriticalWorker, Of: "places", Has: CriticalPlaces, Unit: places, Then: "more places, then replicas",
			need: func(m model) float64 { return m.purchases * m.Measured.PurchaseSeconds.Value },
		},
	}
	for i, name := range serviceNames() {
		all = append(all, Limit{
			Part: name, Of: "places", Has: Places, Unit: places, Then: "replicas behind a balancer",
			need: func(m model) float64 { return m.services()[i].busy() },
		})
	}
	return all
}

func redisLimits(c *Constants) []Limit {
	shard := model{Constants: c}.shardBytes()
	bought := func(m model) store { return m.stores()[storeOfPurchases] }
	return []Limit{
		{
			Part: platform.Redis, Of: "memory it starts with", Has: RedisMaxMemory, Unit: bytes, Then: "--maxmemory, up to half of a server",
			need: func(m model) float64 { return m.all().bytes },
		},
		{
			Part: platform.Redis, Of: "memory of a server", Has: shard, Unit: bytes, Then: "Redis Cluster",
			need: func(m model) float64 { return m.all().bytes },
		},
		{
			Part: platform.Redis, Of: "its thread", Has: 1, Unit: cores, Then: "Redis Cluster: cards spread over all shards",
			need: func(m model) float64 { return m.all().thread },
		},
		{
			Part: platform.Redis, Of: "maxclients", Has: c.Stated.RedisConnections.Value, Unit: connections, Then: "smaller pools, or a proxy: each shard has as many",
			need: model.connections,
		},
		{
			Part: "redis cluster", Of: "nodes it is made for", Has: c.Stated.RedisClusterNodes.Value, Unit: "nodes", Then: "more regions, or several clusters",
			need: model.redisNodes,
		},
		{
			Part: queue.Enrichment, Of: "the thread of its shard", Has: 1, Unit: cores, Then: "several queues, each with its own hash tag",
			need: func(m model) float64 { return m.stores()[storeOfEnrichment].thread },
		},
		{
			Part: queue.Critical, Of: "the thread of its shard", Has: 1, Unit: cores, Then: "several queues, each with its own hash tag",
			need: func(m model) float64 { return bought(m).thread },
		},
		{
			Part: queue.Critical, Of: "the memory of its shard", Has: shard, Unit: bytes, Then: "the same, or keep records in a database",
			need: func(m model) float64 { return bought(m).bytes },
		},
	}
}

func telemetryLimits(c *Constants) []Limit {
	return []Limit{
		{
			Part: platform.Prometheus, Of: "memory of a server", Has: ServerMemory, Unit: bytes, Then: "agents that write to Mimir",
			need: model.prometheusBytes,
		},
		{
			Part: platform.Prometheus, Of: "processors of a server", Has: ServerCores, Unit: cores, Then: "a longer --scrape, then agents that write to Mimir",
			need: model.prometheusCores,
		},
		{
			Part: platform.Tempo, Of: "rate_limit_bytes", Has: TempoBytes, Unit: bytesSecond, Then: "microservices on object storage, with Kafka",
			need: model.traceBytes,
		},
		{
			Part: platform.Loki, Of: "one process", Has: c.Stated.LokiMonolithicBytes.Value, Unit: bytesDay, Then: "microservices on object storage",
			need: model.logBytes,
		},
		{
			Part: "k6", Of: "processors", Has: ReplicaCores, Unit: cores, Then: "more machines, as k6-operator starts them",
			need: model.generatorCores,
		},
	}
}

// reached returns the limits in the order in which they are reached when the rates of the demand grow from nothing. Deals, cities and regions
// stay the same.
func reached(c *Constants, d Demand) []Limit {
	all := limits(c)
	for i, l := range all {
		factor := growth(func(factor float64) bool { return l.need(newModel(c, d.times(factor))) > l.Has })
		all[i].RPS, all[i].Jobs = factor*d.RPS, factor*d.Jobs
	}
	slices.SortStableFunc(all, func(a, b Limit) int { return cmp.Compare(a.RPS, b.RPS) })
	return all
}

// growth returns the factor of the demand at which a limit is reached, by bisection on a logarithmic scale: 0 if it is always exceeded, and
// infinity if a billion times the demand does not reach it.
func growth(exceeds func(factor float64) bool) float64 {
	low, high := -9.0, 9.0 // powers of ten
	switch {
	case exceeds(math.Pow(10, low)):
		return 0
	case !exceeds(math.Pow(10, high)):
		return math.Inf(1)
	}
	for range 60 {
		if middle := (low + high) / 2; exceeds(math.Pow(10, middle)) {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Pow(10, high)
}
