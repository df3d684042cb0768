package view

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// Topology is the service graph now.
func (v *Views) Topology(ctx context.Context) (api.Topology, error) {
	lines := edges(v.replicas)
	snapshot, err := v.prom.Now(ctx, graphQueries(lines)...)
	if err != nil {
		return api.Topology{}, err
	}
	graph := api.Topology{At: snapshot.At, Thresholds: thresholds()}
	kinds := map[string]string{}
	for _, n := range nodes() {
		kinds[n.id] = n.kind
		graph.Nodes = append(graph.Nodes, describeNode(n, snapshot))
	}
	for _, e := range lines {
		graph.Edges = append(graph.Edges, describeEdge(e, kinds[e.to], snapshot))
	}
	return graph, nil
}

// graphQueries lists each query of the graph once.
func graphQueries(lines []edge) []prom.Query {
	queries := []prom.Query{prom.UpByJob, prom.Breaker, prom.FaultLatencyMin, prom.FaultLatencyMax, prom.FaultRatio, prom.FaultBlackhole}
	for _, n := range nodes() {
		queries = append(queries, n.measures.queries()...)
	}
	for _, e := range lines {
		queries = append(queries, e.measures.queries()...)
	}
	slices.Sort(queries)
	return slices.Compact(queries)
}

func describeNode(of node, snapshot prom.Snapshot) api.Node {
	n := of.measures.in(snapshot)
	described := api.Node{
		ID: of.id, Label: of.label, Kind: of.kind, Column: of.column, Numbers: shared(n),
		OldestSec: n.get("oldestSec"), Dead: n.get("dead"), CachePct: n.get("cachePct"),
		Fault: fault(of.id, snapshot), Severity: severity(of.kind, n),
	}
	if up := snapshot.Value(prom.UpByJob, "job", of.id); up != nil {
		described.Up, described.Replicas = new(*up > 0), int(*up)
	}
	down := described.Up != nil && !*described.Up
	if silent := described.Fault != nil && described.Fault.Blackhole; down || silent {
		described.Severity = api.Bad
	}
	return described
}

func describeEdge(of edge, kind string, snapshot prom.Snapshot) api.Edge {
	n := of.measures.in(snapshot)
	described := api.Edge{ID: of.from + ">" + of.to, From: of.from, To: of.to, Numbers: shared(n), Severity: severity(kind, n)}
	state := snapshot.Value(prom.Breaker, "job", of.caller, "service", of.to)
	if of.caller == "" || state == nil {
		return described
	}
	switch *state {
	case 0:
		described.Breaker = new("closed")
	case 1:
		described.Breaker, described.Severity = new("half-open"), worse(described.Severity, api.Watch)
	default:
		described.Breaker, described.Severity = new("open"), api.Bad
	}
	return described
}

// shared is what nodes and edges have in common.
func shared(n numbers) api.Numbers {
	return api.Numbers{
		Rps: n.get("rps"), P95Ms: n.get("p95Ms"), FailurePct: n.get("failurePct"),
		Depth: n.get("depth"), LagSec: n.seconds("lagSec"), HitPct: n.get("hitPct"), CoveredPct: n.get("coveredPct"),
	}
}

// fault is the synthetic one of a domain service; null for what reports none.
func fault(service string, snapshot prom.Snapshot) *api.FaultGauge {
	of := []string{"service", service}
	n := measures{
		{"min", prom.FaultLatencyMin, millis, of},
		{"max", prom.FaultLatencyMax, millis, of},
		{"rate", prom.FaultRatio, asIs, of},
		{"blackhole", prom.FaultBlackhole, asIs, of},
	}.in(snapshot)
	if len(n) == 0 {
		return nil
	}
	// Prometheus has seconds: a number of milliseconds that a person wrote comes back as one.
	return &api.FaultGauge{
		LatencyMinMs: math.Round(n["min"]*millis) / millis, LatencyMaxMs: math.Round(n["max"]*millis) / millis,
		FailureRate: n["rate"], Blackhole: n["blackhole"] > 0,
	}
}

// UnknownNode is the error for a node that the graph does not have.
type UnknownNode struct {
	ID string
}

// Error names it.
func (u UnknownNode) Error() string { return fmt.Sprintf("no node %q", u.ID) }

// Node is the past of a node's numbers; the error is an UnknownNode when there is none of that id.
func (v *Views) Node(ctx context.Context, id string, past time.Duration) (api.NodeHistory, error) {
	all := nodes()
	i := slices.IndexFunc(all, func(n node) bool { return n.id == id })
	if i < 0 {
		return api.NodeHistory{}, UnknownNode{id}
	}
	history, err := v.history(ctx, past, all[i].measures)
	if err != nil {
		return api.NodeHistory{}, err
	}
	return api.NodeHistory{ID: id, History: *history}, nil
}
