// Package platform is the table of what the platform consists of: its components and the servers beside them. Whatever names
// one of them takes the name, the port, the setting and the colour from here, is generated from here, or has a test that
// compares it.
//
//go:generate go test . -run TestBlocks -update
package platform

import (
	"fmt"
	"slices"
	"time"
)

// Names of the components.
const (
	ExperienceAPI    = "experience-api"
	DealService      = "deal-service"
	PriceService     = "price-service"
	InventoryService = "inventory-service"
	RatingServiceA   = "rating-service-a"
	RatingServiceB   = "rating-service-b"
	MerchantService  = "merchant-service"
	RatingLB         = "rating-lb"
	EnrichmentWorker = "enrichment-worker"
	CriticalWorker   = "critical-worker"
	Dashboard        = "slo-dashboard"
	QueueUI          = "queue-ui"
)

// RatingService is the service of which RatingServiceA and RatingServiceB are replicas.
const RatingService = "rating-service"

// Names of the servers.
const (
	Redis        = "redis"
	Prometheus   = "prometheus"
	Alertmanager = "alertmanager"
	Tempo        = "tempo"
	Loki         = "loki"
	Pyroscope    = "pyroscope"
	Grafana      = "grafana"
)

// ScrapeInterval is how often Prometheus reads the metrics of all parts: no query has a new value more often.
const ScrapeInterval = 2 * time.Second

// EvaluationInterval is how often Prometheus evaluates rules that don't say it themselves.
const EvaluationInterval = 4 * time.Second

// OTLPPort is where Tempo takes spans, by gRPC.
const OTLPPort = 4317

// Kind is what a part does.
type Kind string

// Kinds of parts. All but stores and servers are components: processes of this program.
const (
	API      Kind = "api"
	Service  Kind = "service" // a domain service
	Balancer Kind = "balancer"
	Worker   Kind = "worker"
	Page     Kind = "page"
	Store    Kind = "store"
	Server   Kind = "server" // keeps or shows telemetry
)

// Part is a row of the table.
type Part struct {
	Name      string
	Kind      Kind
	Port      int      // where it listens by default
	URLVar    string   // the setting by which others find it; replicas share one, a list in the order of the table
	Upstreams []string // what it calls to do its work, and what should therefore be up before it
	ReplicaOf string   // the service that it is a replica of, if it is one of several
	Faultable bool     // has a synthetic fault at /admin/fault
	Color     string   // the hue that it has on the page and in Grafana
	Label     string   // what people call it, as in the graph
	Summary   string   // what it is for
}

// Parts returns the table, in the order in which people read it.
func Parts() []Part { return append(Components(), servers()...) }

// Components returns the parts that are processes of this program.
func Components() []Part {
	composing := []string{Redis, DealService, PriceService, InventoryService, RatingLB, MerchantService}
	return []Part{
		{
			Name: ExperienceAPI, Kind: API, Port: 3000, URLVar: "EXPERIENCE_API_URL", Upstreams: composing, Color: "green",
			Label: "Experience API", Summary: "the only door for clients: aggregates, orchestrates, enqueues",
		},
		{
			Name: DealService, Kind: Service, Port: 3001, URLVar: "DEAL_SERVICE_URL", Faultable: true, Color: "blue",
			Label: "Deals", Summary: "base catalog of deals",
		},
		{
			Name: PriceService, Kind: Service, Port: 3002, URLVar: "PRICE_SERVICE_URL", Faultable: true, Color: "yellow",
			Label: "Prices", Summary: "prices and discounts",
		},
		{
			Name: InventoryService, Kind: Service, Port: 3003, URLVar: "INVENTORY_SERVICE_URL", Faultable: true, Color: "orange",
			Label: "Inventory", Summary: "availability",
		},
		{
			Name: RatingServiceA, Kind: Service, Port: 3004, URLVar: "LB_TARGETS", ReplicaOf: RatingService, Faultable: true, Color: "light-purple",
			Label: "Ratings A", Summary: "ratings, first replica",
		},
		{
			Name: RatingServiceB, Kind: Service, Port: 3006, URLVar: "LB_TARGETS", ReplicaOf: RatingService, Faultable: true, Color: "dark-purple",
			Label: "Ratings B", Summary: "ratings, second replica",
		},
		{
			Name: MerchantService, Kind: Service, Port: 3005, URLVar: "MERCHANT_SERVICE_URL", Faultable: true, Color: "brown",
			Label: "Merchants", Summary: "merchants",
		},
		{
			Name: RatingLB, Kind: Balancer, Port: 3014, URLVar: "RATING_SERVICE_URL", Upstreams: []string{RatingServiceA, RatingServiceB}, Color: "purple",
			Label: "Rating balancer", Summary: "load balancer over the rating replicas",
		},
		{
			Name: EnrichmentWorker, Kind: Worker, Port: 3007, URLVar: "ENRICHMENT_WORKER_URL", Upstreams: composing, Color: "teal",
			Label: "Enrichment worker", Summary: "enrichment jobs, writes the read model",
		},
		{
			Name: CriticalWorker, Kind: Worker, Port: 3008, Upstreams: []string{Redis}, Color: "pink",
			Label: "Critical worker", Summary: "purchases: fraud check, analytics event, email receipt",
		},
		{
			Name: Dashboard, Kind: Page, Port: 3100, Color: "light-green", // does without any of those it asks
			Label: "SLO dashboard", Summary: "the page: indicators, objectives, graph, scenarios, faults",
		},
		{
			Name: QueueUI, Kind: Page, Port: 8081, URLVar: "QUEUE_UI_URL", Upstreams: []string{Redis}, Color: "grey",
			Label: "Queue UI", Summary: "queues, retries and dead jobs in the browser",
		},
	}
}

// servers returns the parts that are programs of others.
func servers() []Part {
	return []Part{
		{Name: Redis, Kind: Store, Port: 6379, Color: "grey", Label: "Redis", Summary: "queues, read model, cache"},
		{Name: Prometheus, Kind: Server, Port: 9090, URLVar: "PROMETHEUS_URL", Color: "red", Label: "Prometheus", Summary: "metrics, rules, alerts"},
		{
			Name: Alertmanager, Kind: Server, Port: 9093, URLVar: "ALERTMANAGER_URL", Color: "dark-red",
			Label: "Alertmanager", Summary: "groups, inhibits and sends alerts",
		},
		{Name: Tempo, Kind: Server, Port: 3200, URLVar: "TEMPO_URL", Color: "dark-blue", Label: "Tempo", Summary: "traces; OTLP gRPC on port 4317"},
		{Name: Loki, Kind: Server, Port: 3110, Color: "light-blue", Label: "Loki", Summary: "logs"},
		{Name: Pyroscope, Kind: Server, Port: 4040, URLVar: "PYROSCOPE_PAGE_URL", Color: "brown", Label: "Pyroscope", Summary: "continuous profiles"},
		{Name: Grafana, Kind: Server, Port: 3030, URLVar: "GRAFANA_URL", Color: "orange", Label: "Grafana", Summary: "dashboards, explore"},
	}
}

// IsComponent reports whether the part is a process of this program.
func (p Part) IsComponent() bool { return p.Kind != Store && p.Kind != Server }

// Faultable returns the names of the services that have a synthetic fault.
func Faultable() []string {
	var names []string
	for _, p := range Parts() {
		if p.Faultable {
			names = append(names, p.Name)
		}
	}
	return names
}

// Pages returns the names of the parts that have a page of their own and a setting to find it by.
func Pages() []string {
	var names []string
	for _, p := range Parts() {
		if p.URLVar != "" && (p.Kind == Page || p.Kind == Server) {
			names = append(names, p.Name)
		}
	}
	return names
}

// Replicas returns the names of a service's replicas.
func Replicas(service string) []string {
	var names []string
	for _, p := range Parts() {
		if p.ReplicaOf == service {
			names = append(names, p.Name)
		}
	}
	return names
}

// Named returns the part of that name, and whether there is one.
func Named(name string) (Part, bool) {
	parts := Parts()
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return Part{}, false
	}
	return parts[i], true
}

// URL returns where a part is when the platform runs on this machine, such as http://127.0.0.1:3000; empty for an unknown name.
func URL(name string) string {
	p, known := Named(name)
	if !known {
		return ""
	}
	return p.At("127.0.0.1")
}

// At returns the URL of the part on a host.
func (p Part) At(host string) string { return fmt.Sprintf("http://%s:%d", host, p.Port) }

// URLs returns the settings by which parts find each other, by variable. at returns the URL of a part.
func URLs(at func(Part) string) map[string]string {
	urls := map[string]string{}
	for _, p := range Parts() {
		switch all, shared := urls[p.URLVar]; {
		case p.URLVar == "":
		case shared:
			urls[p.URLVar] = all + "," + at(p)
		default:
			urls[p.URLVar] = at(p)
		}
	}
	return urls
}
