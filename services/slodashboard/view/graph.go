package view

import (
	"deals.example/internal/queue"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// node is a box of the graph, with the measures that it shows.
type node struct {
	id, label, kind string
	column          int
	numbers         measures[api.Numbers]
	more            measures[api.Node] // that only nodes have
}

// edge is a line of the graph. One to an upstream has the job of its caller, whose breaker it shows.
type edge struct {
	from, to string
	caller   string
	numbers  measures[api.Numbers]
}

const (
	clients          = "clients"
	experienceAPI    = "experience-api"
	ratingLB         = "rating-lb"
	redis            = "redis"
	enrichmentWorker = "enrichment-worker"
	criticalWorker   = "critical-worker"
)

// nodes is the graph from left to right.
func nodes() []node {
	return []node{
		{clients, "Clients", kindClient, 0, measures[api.Numbers]{rps(prom.RequestRate)}, nil},
		{experienceAPI, "Experience API", kindAPI, 1, ofRequests(), measures[api.Node]{
			number(func(n *api.Node) **float64 { return &n.CachePct }, prom.PageHitRatio, percent),
		}},
		{"deal-service", "Deals", kindService, 2, ofService("deal-service"), nil},
		{"price-service", "Prices", kindService, 2, ofService("price-service"), nil},
		{"inventory-service", "Inventory", kindService, 2, ofService("inventory-service"), nil},
		{"merchant-service", "Merchants", kindService, 2, ofService("merchant-service"), nil},
		{ratingLB, "Rating balancer", kindBalancer, 2, ofService(ratingLB), nil},
		{redis, "Redis", kindStore, 2, ofCards(), nil},
		{"rating-service-a", "Ratings A", kindService, 3, ofService("rating-service-a"), nil},
		{"rating-service-b", "Ratings B", kindService, 3, ofService("rating-service-b"), nil},
		{queue.Enrichment, "Enrichment jobs", kindQueue, 3, ofQueue(queue.Enrichment), onlyOfQueue(queue.Enrichment)},
		{queue.Critical, "Critical jobs", kindQueue, 3, ofQueue(queue.Critical), onlyOfQueue(queue.Critical)},
		{enrichmentWorker, "Enrichment worker", kindWorker, 4, ofJobs(queue.Enrichment), nil},
		{criticalWorker, "Critical worker", kindWorker, 4, ofJobs(queue.Critical), nil},
	}
}

// edges is who calls whom, and which way jobs go. replicas are the targets of rating-lb.
func edges(replicas []string) []edge {
	all := []edge{{from: clients, to: experienceAPI, numbers: ofRequests()}}
	for _, service := range []string{"deal-service", "price-service", "inventory-service", "merchant-service", ratingLB} {
		all = append(all, edge{experienceAPI, service, experienceAPI, ofCalls(experienceAPI, service)})
	}
	all = append(all, edge{from: experienceAPI, to: redis, numbers: append(ofCards(), rps(prom.ListRate))})
	for i, replica := range []string{"rating-service-a", "rating-service-b"} {
		if i < len(replicas) {
			all = append(all, edge{from: ratingLB, to: replica, numbers: ofReplica(replicas[i])})
		}
	}
	all = append(all, ofWorker(queue.Enrichment, enrichmentWorker)...)
	all = append(all, ofWorker(queue.Critical, criticalWorker)...)
	for _, service := range []string{"price-service", "inventory-service", "merchant-service", ratingLB} {
		all = append(all, edge{enrichmentWorker, service, enrichmentWorker, ofCalls(enrichmentWorker, service)})
	}
	written := rps(prom.CompletedByQueue, "queue", queue.Enrichment)
	return append(all, edge{from: enrichmentWorker, to: redis, numbers: measures[api.Numbers]{written}})
}

// ofWorker is the way of jobs from Redis through a queue to their worker.
func ofWorker(queue, worker string) []edge {
	enqueued := rps(prom.EnqueuedByQueue, "queue", queue)
	return []edge{
		{from: redis, to: queue, numbers: append(ofQueue(queue), enqueued)},
		{from: queue, to: worker, numbers: ofJobs(queue)},
	}
}

func ofRequests() measures[api.Numbers] {
	return traffic(prom.RequestRate, prom.P95, prom.ErrorRatio)
}

func ofService(name string) measures[api.Numbers] {
	return traffic(prom.ServiceRate, prom.ServiceP95, prom.ServiceFailureRatio, "service", name)
}

func ofCalls(caller, service string) measures[api.Numbers] {
	return traffic(prom.CallRate, prom.CallP95, prom.CallFailureRatio, "job", caller, "service", service)
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
		number(func(n *api.Numbers) **float64 { return &n.HitPct }, prom.FreshRatio, percent),
		number(func(n *api.Numbers) **float64 { return &n.CoveredPct }, prom.CoverageRatio, percent),
	}
}

func ofQueue(name string) measures[api.Numbers] {
	return measures[api.Numbers]{
		number(func(n *api.Numbers) **float64 { return &n.Depth }, prom.DepthByQueue, asIs, "queue", name),
		seconds(func(n *api.Numbers) **api.Seconds { return &n.LagSec }, prom.LagByQueue, "queue", name),
	}
}

func onlyOfQueue(name string) measures[api.Node] {
	return measures[api.Node]{
		number(func(n *api.Node) **float64 { return &n.OldestSec }, prom.OldestByQueue, asIs, "queue", name),
		number(func(n *api.Node) **float64 { return &n.Dead }, prom.DeadByQueue, asIs, "queue", name),
	}
}
