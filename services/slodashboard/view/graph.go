package view

import (
	"deals.example/internal/platform"
	"deals.example/internal/queue"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
	"deals.example/slo/indicators"
)

// node is a node of the graph with its measures.
type node struct {
	id, label, kind string
	column          int
	numbers         measures[api.Numbers]
	more            measures[api.Node] // not shared with edges
}

// edge is an edge of the graph. An edge to an upstream has the job of its caller, whose breaker it shows.
type edge struct {
	from, to string
	caller   string
	numbers  measures[api.Numbers]
	more     measures[api.Edge] // not shared with nodes
}

const clients = "clients"

// nodes is the graph: what the platform's table has on the way of requests and jobs, between the clients and the queues.
func nodes() []node {
	all := []node{{clients, "Clients", kindClient, 0, measures[api.Numbers]{rps(indicators.RequestRate)}, nil}}
	for _, p := range platform.Parts() {
		n := node{id: p.Name, label: p.Label, kind: string(p.Kind)}
		switch p.Kind {
		case platform.API:
			n.column, n.numbers = 1, ofRequests()
			n.more = measures[api.Node]{number(func(n *api.Node) **float64 { return &n.CachePct }, indicators.PageHitRatio, percent)}
		case platform.Service, platform.Balancer:
			n.column, n.numbers = 2, ofService(p.Name)
			if p.Faultable {
				n.more = ofCapacity(p.Name)
			}
			if p.ReplicaOf != "" {
				n.column = 3
			}
		case platform.Store:
			n.column, n.numbers = 2, ofCards()
		case platform.Worker:
			n.column, n.numbers = 4, ofJobs(workers()[p.Name])
		default:
			continue
		}
		all = append(all, n)
	}
	return append(all,
		node{queue.Enrichment, "Enrichment jobs", kindQueue, 3, ofQueue(queue.Enrichment), onlyOfQueue(queue.Enrichment)},
		node{queue.Critical, "Critical jobs", kindQueue, 3, ofQueue(queue.Critical), onlyOfQueue(queue.Critical)},
	)
}

// workers is the queue of each worker.
func workers() map[string]string {
	return map[string]string{platform.EnrichmentWorker: queue.Enrichment, platform.CriticalWorker: queue.Critical}
}

// edges returns the edges, in the direction of calls and jobs. replicas are the targets of rating-lb.
func edges(replicas []string) []edge {
	written := rps(indicators.CompletedByQueue, "queue", queue.Enrichment)
	all := []edge{
		{from: clients, to: platform.ExperienceAPI, numbers: ofRequests()},
		{from: platform.ExperienceAPI, to: platform.Redis, numbers: append(ofCards(), rps(indicators.ListRate))},
		{from: platform.EnrichmentWorker, to: platform.Redis, numbers: measures[api.Numbers]{written}},
	}
	all = append(all, ofWorker(queue.Enrichment, platform.EnrichmentWorker)...)
	all = append(all, ofWorker(queue.Critical, platform.CriticalWorker)...)
	for _, p := range platform.Parts() {
		for i, upstream := range p.Upstreams {
			switch {
			case upstream == platform.Redis:
			case p.Kind != platform.Balancer:
				all = append(all, edge{p.Name, upstream, p.Name, ofCalls(p.Name, upstream), ofLimit(p.Name, upstream)})
			case i < len(replicas):
				all = append(all, edge{from: p.Name, to: upstream, numbers: ofReplica(replicas[i])})
			}
		}
	}
	return all
}

// ofWorker returns the edges from Redis through a queue to its worker.
func ofWorker(queue, worker string) []edge {
	enqueued := rps(prom.EnqueuedByQueue, "queue", queue)
	return []edge{
		{from: platform.Redis, to: queue, numbers: append(ofQueue(queue), enqueued)},
		{from: queue, to: worker, numbers: ofJobs(queue)},
	}
}

func ofRequests() measures[api.Numbers] {
	return traffic(indicators.RequestRate, indicators.P95, indicators.ErrorRatio)
}

func ofService(name string) measures[api.Numbers] {
	return traffic(prom.ServiceRate, prom.ServiceP95, prom.ServiceFailureRatio, "service", name)
}

func ofCalls(caller, service string) measures[api.Numbers] {
	return traffic(prom.CallRate, prom.CallP95, prom.CallFailureRatio, "job", caller, "service", service)
}

func ofCapacity(service string) measures[api.Node] {
	of := []string{"service", service}
	return measures[api.Node]{
		number(func(n *api.Node) **float64 { return &n.Capacity }, indicators.CapacityByService, asIs, of...),
		number(func(n *api.Node) **float64 { return &n.Busy }, indicators.BusyByService, asIs, of...),
		number(func(n *api.Node) **float64 { return &n.Waiting }, indicators.WaitingByService, asIs, of...),
		number(func(n *api.Node) **float64 { return &n.LoadPct }, indicators.LoadByService, percent, of...),
		number(func(n *api.Node) **float64 { return &n.WaitP95Ms }, indicators.WaitP95ByService, millis, of...),
	}
}

// ofLimit returns the state of the concurrency limit that a caller keeps for an upstream.
func ofLimit(caller, service string) measures[api.Edge] {
	of := []string{"job", caller, "service", service}
	return measures[api.Edge]{
		number(func(e *api.Edge) **float64 { return &e.Limit }, indicators.LimitByUpstream, asIs, of...),
		number(func(e *api.Edge) **float64 { return &e.InFlight }, indicators.InFlightByUpstream, asIs, of...),
		number(func(e *api.Edge) **float64 { return &e.Waiting }, indicators.WaitingByUpstream, asIs, of...),
	}
}

func ofReplica(target string) measures[api.Numbers] {
	return traffic(prom.ReplicaRate, prom.ReplicaP95, prom.ReplicaFailureRatio, "target", target)
}

func ofJobs(queue string) measures[api.Numbers] {
	return traffic(prom.AttemptsByQueue, prom.JobP95, prom.JobFailureRatio, "queue", queue)
}

func traffic(rate, p95, failures prom.Query, labels ...string) measures[api.Numbers] {
	return measures[api.Numbers]{
		rps(rate, labels...),
		number(func(n *api.Numbers) **float64 { return &n.P95Ms }, p95, millis, labels...),
		number(func(n *api.Numbers) **float64 { return &n.FailurePct }, failures, percent, labels...),
	}
}

func rps(rate prom.Query, labels ...string) measure[api.Numbers] {
	return number(func(n *api.Numbers) **float64 { return &n.Rps }, rate, asIs, labels...)
}

func ofCards() measures[api.Numbers] {
	return measures[api.Numbers]{
		number(func(n *api.Numbers) **float64 { return &n.HitPct }, indicators.FreshRatio, percent),
		number(func(n *api.Numbers) **float64 { return &n.CoveredPct }, indicators.CoverageRatio, percent),
	}
}

func ofQueue(name string) measures[api.Numbers] {
	return measures[api.Numbers]{
		number(func(n *api.Numbers) **float64 { return &n.Depth }, indicators.DepthByQueue, asIs, "queue", name),
		seconds(func(n *api.Numbers) **api.Seconds { return &n.LagSec }, indicators.LagByQueue, "queue", name),
	}
}

func onlyOfQueue(name string) measures[api.Node] {
	return measures[api.Node]{
		number(func(n *api.Node) **float64 { return &n.OldestSec }, indicators.OldestByQueue, asIs, "queue", name),
		number(func(n *api.Node) **float64 { return &n.Dead }, indicators.DeadByQueue, asIs, "queue", name),
	}
}
