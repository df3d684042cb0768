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

// Topology returns the service graph with its current numbers.
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

// graphQueries returns the distinct queries of the graph.
func graphQueries(lines []edge) []prom.Query {
	queries := []prom.Query{
		prom.UpByJob, prom.SilentByJob, prom.YoungestByJob, prom.Breaker,
		prom.FaultLatencyMin, prom.FaultLatencyMax, prom.FaultRatio, prom.FaultBlackhole,
	}
	for _, n := range nodes() {
		queries = slices.Concat(queries, n.numbers.queries(), n.more.queries())
	}
	for _, e := range lines {
		queries = slices.Concat(queries, e.numbers.queries(), e.more.queries())
	}
	slices.Sort(queries)
	return slices.Compact(queries)
}

func describeNode(of node, snapshot prom.Snapshot) api.Node {
	described := api.Node{ID: of.id, Label: of.label, Kind: of.kind, Column: of.column, Fault: fault(of.id, snapshot)}
	described.Severity = severity(of.kind, append(of.numbers.fill(&described.Numbers, snapshot), of.more.fill(&described, snapshot)...))
	if up := snapshot.Value(prom.UpByJob, "job", of.id); up != nil {
		described.Up, described.Replicas = new(*up > 0), int(*up)
	}
	if silent := snapshot.Value(prom.SilentByJob, "job", of.id); silent != nil && *silent > 0 {
		described.Silent, described.Severity = int(*silent), worse(described.Severity, api.Watch)
	}
	described.StartedSec = snapshot.Value(prom.YoungestByJob, "job", of.id)
	down := described.Up != nil && !*described.Up
	if blackhole := described.Fault != nil && described.Fault.Blackhole; down || blackhole {
		described.Severity = api.Bad
	}
	return described
}

func describeEdge(of edge, kind string, snapshot prom.Snapshot) api.Edge {
	described := api.Edge{ID: of.from + ">" + of.to, From: of.from, To: of.to}
	described.Severity = severity(kind, append(of.numbers.fill(&described.Numbers, snapshot), of.more.fill(&described, snapshot)...))
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

// fault returns the synthetic fault of a domain service, or nil if the component reports none.
func fault(service string, snapshot prom.Snapshot) *api.FaultGauge {
	gauge := &api.FaultGauge{}
	// Round to microseconds, so that whole milliseconds stay whole.
	whole := func(seconds float64) float64 { return math.Round(seconds*millis*millis) / millis }
	found := measures[api.FaultGauge]{
		other(func(g *api.FaultGauge, seconds float64) { g.LatencyMinMs = whole(seconds) }, prom.FaultLatencyMin, asIs, "service", service),
		other(func(g *api.FaultGauge, seconds float64) { g.LatencyMaxMs = whole(seconds) }, prom.FaultLatencyMax, asIs, "service", service),
		other(func(g *api.FaultGauge, ratio float64) { g.FailureRate = ratio }, prom.FaultRatio, asIs, "service", service),
		other(func(g *api.FaultGauge, on float64) { g.Blackhole = on > 0 }, prom.FaultBlackhole, asIs, "service", service),
	}.fill(gauge, snapshot)
	if len(found) == 0 {
		return nil
	}
	return gauge
}

// UnknownNode is returned for a node that is not in the graph.
type UnknownNode struct {
	ID string
}

// Error returns a message with the id.
func (u UnknownNode) Error() string { return fmt.Sprintf("no node %q", u.ID) }

// Node returns the history of a node's numbers. It returns an UnknownNode for an unknown id.
func (v *Views) Node(ctx context.Context, id string, past time.Duration) (api.NodeHistory, error) {
	all := nodes()
	i := slices.IndexFunc(all, func(n node) bool { return n.id == id })
	if i < 0 {
		return api.NodeHistory{}, UnknownNode{id}
	}
	history, err := v.history(ctx, past, slices.Concat(all[i].numbers.curves(), all[i].more.curves()))
	if err != nil {
		return api.NodeHistory{}, err
	}
	return api.NodeHistory{ID: id, History: *history}, nil
}
