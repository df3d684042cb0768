package sizing

import (
	"slices"

	"deals.example/internal/platform"
	"deals.example/internal/queue"
)

// model is the load of every part in one region.
type model struct {
	*Constants
	Demand
	traffic
}

func newModel(c *Constants, d Demand) model { return model{c, d, newTraffic(&c.Measured, d)} }

// serviceNames returns the names of the domain services, in the order of services.
func serviceNames() []string {
	return []string{platform.DealService, platform.PriceService, platform.InventoryService, platform.RatingService, platform.MerchantService}
}

// services returns the domain services.
func (m model) services() []service {
	c, composed := &m.Measured, m.details+m.jobs
	deals := float64(m.Deals) / DealCacheTTL.Seconds()
	base := m.purchases + min(composed, (m.apis+m.enrichers)*deals) // a purchase asks whether its deal exists, cached or not
	attempts := c.AttemptsPerLookup.Value
	all := []service{
		{lookups: attempts * (m.pages + base), seconds: c.DealSeconds.Value, id: "deal-seconds"},
		{lookups: attempts * composed, seconds: c.PriceSeconds.Value, id: "price-seconds"},
		{lookups: attempts * (composed + m.purchases), seconds: c.InventorySeconds.Value, id: "inventory-seconds"},
		{lookups: attempts * composed, seconds: c.RatingSeconds.Value, id: "rating-seconds"},
		{lookups: attempts * composed, seconds: c.MerchantSeconds.Value, id: "merchant-seconds"},
	}
	for i, name := range serviceNames() {
		all[i].name = name
	}
	return all
}

// store is the load of Redis by what is kept in it: the cards, whose keys spread over all shards, and the two queues. All keys of a queue have
// one hash tag, so a queue lives on one shard, and the records of purchases live with theirs.
type store struct {
	name   string
	thread float64 // cores of the thread that runs commands
	bytes  float64
	ids    []string
}

// Indexes of stores.
const (
	storeOfCards = iota
	storeOfEnrichment
	storeOfPurchases
)

func (m model) stores() []store {
	c := &m.Measured
	return []store{
		storeOfCards: {
			name: "cards", ids: []string{"redis-card-reads", "redis-card-writes", "bytes-per-card"},
			thread: m.cardReads/c.RedisCardReads.Value + m.cardWrites/c.RedisCardWrites.Value,
			bytes:  float64(m.Deals) * c.BytesPerCard.Value,
		},
		storeOfEnrichment: {
			name: queue.Enrichment, ids: []string{"redis-enqueues", "redis-completions", "bytes-per-job"},
			thread: m.jobs/c.RedisEnqueues.Value + m.jobs/c.RedisCompletions.Value,
			bytes:  m.jobs * Fresh.Seconds() * c.BytesPerJob.Value,
		},
		storeOfPurchases: {
			name: queue.Critical, ids: []string{"redis-purchases", "bytes-per-record", "bytes-per-completed"},
			thread: m.purchases / c.RedisPurchases.Value,
			bytes:  m.purchases * (RecordKept.Seconds()*c.BytesPerRecord.Value + CompletedKept.Seconds()*c.BytesPerCompleted.Value),
		},
	}
}

// all returns the stores together, as one Redis keeps them.
func (m model) all() store {
	var sum store
	for _, one := range m.stores() {
		sum.thread += one.thread
		sum.bytes += one.bytes
	}
	return sum
}

// shardBytes is the most that one Redis keeps: a server has room for the copy of what changes while the append-only file is written anew.
func (m model) shardBytes() float64 { return ServerMemory / m.Stated.RedisMemoryFactor.Value }

// shards returns how many Redis a store needs.
func (m model) shards(s store) float64 {
	d := m.Demand
	d.Spare = 0 // each shard has a replica
	byMemory := d
	byMemory.Utilization = 1 // memory does not queue
	return max(d.instances(s.thread, 1), byMemory.instances(s.bytes, m.shardBytes()))
}

// connections returns how many connections one Redis has if each API and worker opens its pools.
func (m model) connections() float64 { return RedisConnections * (m.apis + m.enrichers + m.criticals) }

// series returns the active series of the components.
func (m model) series() float64 {
	c := &m.Measured
	sum := m.apis*c.SeriesPerAPI.Value + m.balancers()*c.SeriesPerBalancer.Value +
		m.enrichers*c.SeriesPerEnrichmentWorker.Value + m.criticals*c.SeriesPerCriticalWorker.Value
	for _, s := range m.services() {
		sum += m.instances(s.busy(), Places) * c.SeriesPerService.Value
	}
	return sum
}

// samples returns the samples that are scraped a second.
func (m model) samples() float64 {
	return m.series() * m.Measured.SamplesPerSeries.Value / m.Scrape.Seconds()
}

func (m model) prometheusBytes() float64 {
	return m.series() * m.Measured.PrometheusBytesPerSeries.Value
}

func (m model) prometheusCores() float64 {
	return m.samples() / m.Measured.PrometheusSamplesPerCore.Value
}

// ratings returns the lookups that pass the balancer a second.
func (m model) ratings() service {
	return m.services()[slices.Index(serviceNames(), platform.RatingService)]
}

func (m model) balancerCores() float64 { return m.ratings().lookups / m.Measured.BalancedPerCore.Value }

func (m model) balancers() float64 { return m.instances(m.balancerCores(), ReplicaCores) }

// spans returns the spans that are recorded a second. Each process begins at most TracesPerProcess traces a second; the jobs of a batch begin
// their own.
func (m model) spans() float64 {
	c := &m.Measured
	requests := m.lists + m.details + m.purchases
	begun := min(requests, TracesPerProcess*m.apis)
	perTrace := (m.lists*c.SpansPerList.Value + m.details*c.SpansPerDetail.Value + m.purchases*c.SpansPerPurchase.Value) / requests
	return begun*perTrace + min(m.batchJobs, TracesPerProcess*m.enrichers)*c.SpansPerJob.Value
}

// traceBytes returns the bytes of spans a second, as they are sent.
func (m model) traceBytes() float64 { return m.spans() * m.Measured.BytesPerSpan.Value }

// logBytes returns the bytes of log records a day, as they are sent.
func (m model) logBytes() float64 {
	c := &m.Measured
	return day * (m.lists*c.LogBytesPerList.Value + m.details*c.LogBytesPerDetail.Value + m.purchases*c.LogBytesPerPurchase.Value +
		m.jobs*c.LogBytesPerJob.Value)
}

// generatorCores returns the cores of k6 that send the requests, as if all were lists.
func (m model) generatorCores() float64 {
	return (m.lists + m.details + m.purchases) / m.Measured.K6ListsPerCore.Value
}
