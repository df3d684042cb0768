package sizing

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"deals.example/internal/platform"
)

// Item is a row of the bill of materials of one region.
type Item struct {
	Part      string   `json:"part"`
	Count     int      `json:"count"`
	Each      string   `json:"each"`
	Need      string   `json:"need"`      // before utilization and spare
	Constants []string `json:"constants"` // ids of what it was computed from
}

// Plan is what a demand needs.
type Plan struct {
	Demand Demand  `json:"demand"`
	Bill   []Item  `json:"bill"`   // of each region
	Limits []Limit `json:"limits"` // in the order in which one of each part reaches them; those that no rate reaches are left out
}

// Compute returns the plan for a demand. The error joins one strict.Fault for each mistake in the demand.
func Compute(c Constants, d Demand) (Plan, error) {
	var faults []error
	for _, fault := range d.Faults() {
		faults = append(faults, fault)
	}
	if len(faults) > 0 {
		return Plan{}, errors.Join(faults...)
	}
	m := newModel(&c, d)
	plan := Plan{Demand: d, Bill: m.bill()}
	for _, l := range reached(&c, d) {
		if !math.IsInf(l.RPS, 1) {
			plan.Limits = append(plan.Limits, l)
		}
	}
	return plan, nil
}

// Before returns the limits that are reached before the demand is, and then the next few.
func (p Plan) Before(few int) []Limit {
	n := 0
	for n < len(p.Limits) && p.Limits[n].RPS <= p.Demand.RPS {
		n++
	}
	return p.Limits[:min(n+few, len(p.Limits))]
}

func (m model) bill() []Item {
	items := []Item{item(platform.ExperienceAPI, m.apis, quantity(ReplicaCores, cores), quantity(m.apiCores, cores),
		"lists-per-core", "details-per-core", "purchases-per-core", "batch-jobs-per-core")}
	items = append(items, m.serviceItems()...)
	items = append(items,
		item(platform.RatingLB, m.balancers(), quantity(ReplicaCores, cores), quantity(m.balancerCores(), cores), "balanced-per-core"),
		item(platform.EnrichmentWorker, m.enrichers, fmt.Sprintf("%d cores, %d places", ReplicaCores, EnrichmentPlaces),
			quantity(m.jobs*m.Measured.JobSeconds.Value, places)+" busy", "job-seconds", "jobs-per-core"),
		item(platform.CriticalWorker, m.criticals, fmt.Sprintf("%d cores, %d places", ReplicaCores, CriticalPlaces),
			quantity(m.purchases*m.Measured.PurchaseSeconds.Value, places)+" busy", "purchase-seconds", "purchases-per-worker-core"))
	items = append(items, m.redisItems()...)
	items = append(items, m.prometheusItems()...)
	items = append(items, m.tempoItems()...)
	items = append(items, m.lokiItems()...)
	return append(items, item("k6, to test it", math.Ceil(m.generatorCores()/ReplicaCores), quantity(ReplicaCores, cores),
		quantity(m.generatorCores(), cores), "k6-lists-per-core"))
}

func item(part string, count float64, each, need string, constants ...string) Item {
	return Item{Part: part, Count: int(count), Each: each, Need: need, Constants: constants}
}

func (m model) serviceItems() []Item {
	var items []Item
	for _, s := range m.services() {
		count := m.instances(s.busy(), Places)
		each := s.lookups / m.Measured.LookupsPerCore.Value / m.Utilization / count
		items = append(items, item(s.name, count, fmt.Sprintf("%d places, %s", Places, quantity(each, cores)), quantity(s.busy(), places)+" busy",
			s.id, "attempts-per-lookup", "lookups-per-core"))
	}
	return items
}

// withReplica is how many Redis there are for each that takes writes.
const withReplica = 2

// redisNodes returns how many Redis there are.
func (m model) redisNodes() float64 {
	if m.shards(m.all()) == 1 {
		return withReplica
	}
	var sum float64
	for _, s := range m.stores() {
		sum += withReplica * m.shards(s)
	}
	return sum
}

// redisItems returns one Redis if that is enough, else shards for each of its stores. Each has a replica.
func (m model) redisItems() []Item {
	if all := m.all(); m.shards(all) == 1 {
		var ids []string
		for _, s := range m.stores() {
			ids = append(ids, s.ids...)
		}
		return []Item{item(platform.Redis, withReplica, quantity(all.bytes, bytes), quantity(all.thread, cores), ids...)}
	}
	var items []Item
	for _, s := range m.stores() {
		shards := m.shards(s)
		items = append(items, item(platform.Redis+", "+s.name, withReplica*shards, quantity(s.bytes/shards, bytes),
			quantity(s.thread, cores)+", "+quantity(s.bytes, bytes), s.ids...))
	}
	return items
}

func (m model) prometheusItems() []Item {
	need := fmt.Sprintf("%s series, %s samples/s", Number(m.series()), Number(m.samples()))
	agents := m.Demand
	agents.Spare = 0
	count := math.Max(agents.instances(m.prometheusCores(), ServerCores), agents.instances(m.prometheusBytes(), ServerMemory))
	each := fmt.Sprintf("%s, %s", quantity(m.prometheusCores()/m.Utilization/count, cores), quantity(m.prometheusBytes()/m.Utilization/count, bytes))
	if count == 1 {
		return []Item{item(platform.Prometheus, 1, each, need, "series-per-*", "samples-per-series", "prometheus-bytes-per-series",
			"prometheus-samples-per-core")}
	}
	stated := m.Stated
	kept := m.series() * stated.MimirReplication.Value
	ingesters := math.Max(stated.MimirReplication.Value, math.Max(agents.instances(kept/stated.MimirSeriesPerCore.Value, ServerCores),
		agents.instances(kept*stated.MimirBytesPerSeries.Value, ServerMemory)))
	distributors := agents.instances(m.samples()/stated.MimirSamplesPerCore.Value, ServerCores)
	server := fmt.Sprintf("%d cores, %s", ServerCores, quantity(ServerMemory, bytes))
	return []Item{
		item("prometheus, as an agent", count, each, need, "series-per-*", "samples-per-series", "prometheus-samples-per-core"),
		item("mimir, ingester", ingesters, server, quantity(kept, "series"), "mimir-series-per-core", "mimir-bytes-per-series", "mimir-replication"),
		item("mimir, distributor", distributors, fmt.Sprintf("%d cores", ServerCores), Number(m.samples())+" samples/s", "mimir-samples-per-core"),
	}
}

func (m model) tempoItems() []Item {
	need := fmt.Sprintf("%s spans/s, %s", Number(m.spans()), quantity(m.traceBytes(), bytesSecond))
	ids := []string{"spans-per-*", "bytes-per-span"}
	if m.traceBytes() <= TempoBytes*m.Utilization {
		return []Item{item(platform.Tempo, 1, "one process", need, ids...)}
	}
	return []Item{
		item("tempo, distributor", m.instances(m.traceBytes(), m.Stated.TempoDistributorBytes.Value), "2 cores, 2 GB", need,
			append(ids, "tempo-distributor-bytes")...),
		item("tempo, live-store", m.instances(m.traceBytes(), m.Stated.TempoLiveStoreBytes.Value), "1 core, 4 to 20 GB", need, "tempo-live-store-bytes"),
	}
}

func (m model) lokiItems() []Item {
	need, stated := quantity(m.logBytes(), bytesDay), m.Stated
	if m.logBytes() <= stated.LokiMonolithicBytes.Value {
		return []Item{item(platform.Loki, 1, "one process", need, "log-bytes-per-*", "loki-monolithic-bytes")}
	}
	return []Item{
		item("loki, ingester", math.Max(stated.LokiIngestersAtLeast.Value, math.Ceil(m.logBytes()/stated.LokiIngesterBytes.Value)), "4 cores, 8 GiB", need,
			"log-bytes-per-*", "loki-ingester-bytes"),
		item("loki, distributor", math.Max(stated.LokiDistributorAtLeast.Value, math.Ceil(m.logBytes()/stated.LokiDistributorBytes.Value)),
			"2 cores, 1 GiB", need, "loki-distributor-bytes"),
	}
}

// From returns the ids of the constants as one text.
func (i Item) From() string { return strings.Join(i.Constants, ", ") }
