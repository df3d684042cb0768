package view

import (
	"deals.example/internal/queue"
	"deals.example/services/slodashboard/prom"
)

// node is a box of the graph, with the measures that it shows.
type node struct {
	id, label, kind string
	column          int
	measures        measures
}

// edge is a line of it. One to an upstream has the job of its caller, whose breaker it shows.
type edge struct {
	from, to string
	caller   string
	measures measures
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
		{clients, "Clients", kindClient, 0, measures{{"rps", prom.RequestRate, asIs, nil}}},
		{experienceAPI, "Experience API", kindAPI, 1, append(ofRequests(), measure{"cachePct", prom.PageHitRatio, percent, nil})},
		{"deal-service", "Deals", kindService, 2, ofService("deal-service")},
		{"price-service", "Prices", kindService, 2, ofService("price-service")},
		{"inventory-service", "Inventory", kindService, 2, ofService("inventory-service")},
		{"merchant-service", "Merchants", kindService, 2, ofService("merchant-service")},
		{ratingLB, "Rating balancer", kindBalancer, 2, ofService(ratingLB)},
		{redis, "Redis", kindStore, 2, ofCards()},
		{"rating-service-a", "Ratings A", kindService, 3, ofService("rating-service-a")},
		{"rating-service-b", "Ratings B", kindService, 3, ofService("rating-service-b")},
		{queue.Enrichment, "Enrichment jobs", kindQueue, 3, ofQueue(queue.Enrichment)},
		{queue.Critical, "Critical jobs", kindQueue, 3, ofQueue(queue.Critical)},
		{enrichmentWorker, "Enrichment worker", kindWorker, 4, ofJobs(queue.Enrichment)},
		{criticalWorker, "Critical worker", kindWorker, 4, ofJobs(queue.Critical)},
	}
}

// edges is who calls whom, and which way jobs go. replicas are the targets of rating-lb.
func edges(replicas []string) []edge {
	all := []edge{{from: clients, to: experienceAPI, measures: ofRequests()}}
	for _, service := range []string{"deal-service", "price-service", "inventory-service", "merchant-service", ratingLB} {
		all = append(all, edge{experienceAPI, service, experienceAPI, ofCalls(experienceAPI, service)})
	}
	all = append(all, edge{from: experienceAPI, to: redis, measures: append(ofCards(), measure{"rps", prom.ListRate, asIs, nil})})
	for i, replica := range []string{"rating-service-a", "rating-service-b"} {
		if i < len(replicas) {
			all = append(all, edge{from: ratingLB, to: replica, measures: ofReplica(replicas[i])})
		}
	}
	all = append(all, ofWorker(queue.Enrichment, enrichmentWorker)...)
	all = append(all, ofWorker(queue.Critical, criticalWorker)...)
	for _, service := range []string{"price-service", "inventory-service", "merchant-service", ratingLB} {
		all = append(all, edge{enrichmentWorker, service, enrichmentWorker, ofCalls(enrichmentWorker, service)})
	}
	written := measure{"rps", prom.CompletedByQueue, asIs, []string{"queue", queue.Enrichment}}
	return append(all, edge{from: enrichmentWorker, to: redis, measures: measures{written}})
}

// ofWorker is the way of jobs from Redis through a queue to their worker.
func ofWorker(queue, worker string) []edge {
	enqueued := measure{"rps", prom.EnqueuedByQueue, asIs, []string{"queue", queue}}
	return []edge{
		{from: redis, to: queue, measures: append(ofQueue(queue), enqueued)},
		{from: queue, to: worker, measures: ofJobs(queue)},
	}
}

func ofRequests() measures {
	return traffic(prom.RequestRate, prom.P95, prom.ErrorRatio)
}

func ofService(name string) measures {
	return traffic(prom.ServiceRate, prom.ServiceP95, prom.ServiceFailureRatio, "service", name)
}

func ofCalls(caller, service string) measures {
	return traffic(prom.CallRate, prom.CallP95, prom.CallFailureRatio, "job", caller, "service", service)
}

func ofReplica(target string) measures {
	return traffic(prom.ReplicaRate, prom.ReplicaP95, prom.ReplicaFailureRatio, "target", target)
}

func ofJobs(queue string) measures {
	return traffic(prom.AttemptsByQueue, prom.JobP95, prom.JobFailureRatio, "queue", queue)
}

func traffic(rate, p95, failures prom.Query, labels ...string) measures {
	return measures{{"rps", rate, asIs, labels}, {"p95Ms", p95, millis, labels}, {"failurePct", failures, percent, labels}}
}

func ofCards() measures {
	return measures{{"hitPct", prom.FreshRatio, percent, nil}, {"coveredPct", prom.CoverageRatio, percent, nil}}
}

func ofQueue(name string) measures {
	of := []string{"queue", name}
	return measures{
		{"depth", prom.DepthByQueue, asIs, of},
		{"lagSec", prom.LagByQueue, asIs, of},
		{"oldestSec", prom.OldestByQueue, asIs, of},
		{"dead", prom.DeadByQueue, asIs, of},
	}
}
