// Package sizing computes what the platform needs for a demand: how many of each part, and which part reaches its limit first. It computes with
// constants that were measured on one machine, and with some that the makers of a server state. All of them are in measured.yaml, each with its
// origin. Nothing here is safe to take for a promise: a plan is where to begin to measure.
package sizing

import (
	_ "embed"
	"fmt"
	"math"
	"reflect"
	"strings"

	"deals.example/internal/strict"
)

// File is the name of the file of constants.
const File = "measured.yaml"

//go:embed measured.yaml
var measured []byte

// Constant is a number with its origin.
type Constant struct {
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	What    string  `json:"what"`
	Command string  `json:"command,omitempty"` // what measured it
	Source  string  `json:"source,omitempty"`  // the page that states it
}

// Constants are all constants by their ids.
type Constants struct {
	Machine  string   `json:"machine"` // on which they were measured
	Measured Measured `json:"measured"`
	Stated   Stated   `json:"stated"`
}

// Measured are the constants that test/bench measures. Those per core are for each core that is busy all the time.
type Measured struct {
	ListsPerCore      Constant `json:"lists-per-core"`
	DetailsPerCore    Constant `json:"details-per-core"`
	PurchasesPerCore  Constant `json:"purchases-per-core"`
	BatchJobsPerCore  Constant `json:"batch-jobs-per-core"`
	LookupsPerCore    Constant `json:"lookups-per-core"`
	BalancedPerCore   Constant `json:"balanced-per-core"`
	AttemptsPerLookup Constant `json:"attempts-per-lookup"`

	DealSeconds      Constant `json:"deal-seconds"`
	PriceSeconds     Constant `json:"price-seconds"`
	InventorySeconds Constant `json:"inventory-seconds"`
	RatingSeconds    Constant `json:"rating-seconds"`
	MerchantSeconds  Constant `json:"merchant-seconds"`

	JobSeconds             Constant `json:"job-seconds"`
	JobsPerCore            Constant `json:"jobs-per-core"`
	PurchaseSeconds        Constant `json:"purchase-seconds"`
	PurchasesPerWorkerCore Constant `json:"purchases-per-worker-core"`

	RedisEnqueues     Constant `json:"redis-enqueues"`
	RedisCompletions  Constant `json:"redis-completions"`
	RedisCardReads    Constant `json:"redis-card-reads"`
	RedisCardWrites   Constant `json:"redis-card-writes"`
	RedisPurchases    Constant `json:"redis-purchases"`
	BytesPerJob       Constant `json:"bytes-per-job"`
	BytesPerCard      Constant `json:"bytes-per-card"`
	BytesPerRecord    Constant `json:"bytes-per-record"`
	BytesPerCompleted Constant `json:"bytes-per-completed"`

	SeriesPerAPI              Constant `json:"series-per-api"`
	SeriesPerService          Constant `json:"series-per-service"`
	SeriesPerBalancer         Constant `json:"series-per-balancer"`
	SeriesPerEnrichmentWorker Constant `json:"series-per-enrichment-worker"`
	SeriesPerCriticalWorker   Constant `json:"series-per-critical-worker"`
	SamplesPerSeries          Constant `json:"samples-per-series"`
	PrometheusBytesPerSeries  Constant `json:"prometheus-bytes-per-series"`
	PrometheusSamplesPerCore  Constant `json:"prometheus-samples-per-core"`

	SpansPerList     Constant `json:"spans-per-list"`
	SpansPerDetail   Constant `json:"spans-per-detail"`
	SpansPerPurchase Constant `json:"spans-per-purchase"`
	SpansPerJob      Constant `json:"spans-per-job"`
	BytesPerSpan     Constant `json:"bytes-per-span"`
	SpansPerSecond   Constant `json:"spans-per-second"`

	LogBytesPerList     Constant `json:"log-bytes-per-list"`
	LogBytesPerDetail   Constant `json:"log-bytes-per-detail"`
	LogBytesPerPurchase Constant `json:"log-bytes-per-purchase"`
	LogBytesPerJob      Constant `json:"log-bytes-per-job"`

	K6ListsPerCore Constant `json:"k6-lists-per-core"`
}

// Stated are the constants that those who make a server publish, for what does not run here.
type Stated struct {
	RedisConnections       Constant `json:"redis-connections"`
	RedisMemoryFactor      Constant `json:"redis-memory-factor"`
	RedisClusterNodes      Constant `json:"redis-cluster-nodes"`
	MimirSamplesPerCore    Constant `json:"mimir-samples-per-core"`
	MimirSeriesPerCore     Constant `json:"mimir-series-per-core"`
	MimirBytesPerSeries    Constant `json:"mimir-bytes-per-series"`
	MimirReplication       Constant `json:"mimir-replication"`
	TempoDistributorBytes  Constant `json:"tempo-distributor-bytes"`
	TempoLiveStoreBytes    Constant `json:"tempo-live-store-bytes"`
	LokiMonolithicBytes    Constant `json:"loki-monolithic-bytes"`
	LokiIngesterBytes      Constant `json:"loki-ingester-bytes"`
	LokiDistributorBytes   Constant `json:"loki-distributor-bytes"`
	LokiIngestersAtLeast   Constant `json:"loki-ingesters-at-least"`
	LokiDistributorAtLeast Constant `json:"loki-distributors-at-least"`
}

// Named is a constant with its id.
type Named struct {
	ID string
	Constant
}

// Load returns the constants that the program brings along.
func Load() (Constants, error) { return Read(measured) }

// Read reads constants from YAML. The error joins one strict.Fault for each mistake.
func Read(text []byte) (Constants, error) {
	var c Constants
	d := strict.YAML(File, text, &c)
	d.Expect(strings.TrimSpace(c.Machine) != "", "machine", "is empty")
	for _, one := range c.MeasuredList() {
		path := "measured." + one.ID
		check(d, path, one.Constant)
		d.Expect(strings.HasPrefix(one.Command, "go test "), path, "has no command that begins with go test")
		d.Expect(one.Source == "", path, "is measured, so it has no source")
	}
	for _, one := range c.StatedList() {
		path := "stated." + one.ID
		check(d, path, one.Constant)
		d.Expect(strings.HasPrefix(one.Source, "https://"), path, "has no source that begins with https://")
		d.Expect(one.Command == "", path, "is stated, so it has no command")
	}
	if err := d.Err(); err != nil {
		return Constants{}, fmt.Errorf("constants: %w", err)
	}
	return c, nil
}

func check(d *strict.Document, path string, c Constant) {
	d.Want(c.Value > 0 && !math.IsInf(c.Value, 0), path, c.Value, "a value over 0")
	d.Expect(strings.TrimSpace(c.Unit) != "", path, "has no unit")
	d.Expect(strings.TrimSpace(c.What) != "", path, "does not say what it is")
}

// MeasuredList returns the measured constants in the order of the struct.
func (c Constants) MeasuredList() []Named { return list(c.Measured) }

// StatedList returns the stated constants in the order of the struct.
func (c Constants) StatedList() []Named { return list(c.Stated) }

func list(of any) []Named {
	var all []Named
	for field, value := range reflect.ValueOf(of).Fields() {
		id, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		constant, _ := reflect.TypeAssert[Constant](value)
		all = append(all, Named{id, constant})
	}
	return all
}
