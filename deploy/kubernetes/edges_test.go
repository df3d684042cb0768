package kubernetes_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

// edge is a call: from one part to the port of another.
type edge struct {
	from, to string
	port     int
}

// edges returns who calls whom: components call what the settings that they read name, servers what their configuration names.
func edges(t *testing.T, services map[string]service) []edge {
	t.Helper()
	reads := settingsRead(t)
	called := map[edge]bool{}
	add := func(from, text string) {
		for _, address := range regexp.MustCompile(`([a-z-]+):(\d+)`).FindAllStringSubmatch(text, -1) {
			if to, known := platform.Named(address[1]); known && to.Name != from {
				port, err := strconv.Atoi(address[2])
				require.NoError(t, err)
				called[edge{from, to.Name, port}] = true
			}
		}
	}
	for _, p := range platform.Parts() {
		for variable, value := range services[p.Name].Environment {
			if !p.IsComponent() || reads(p.Name, variable) {
				add(p.Name, value)
			}
		}
		if p.Kind != platform.Store {
			add(platform.Prometheus, fmt.Sprintf("%s:%d", p.Name, p.Port))
		}
	}
	add(platform.Prometheus, readFile(t, "observability/prometheus/compose/alertmanagers.yaml"))
	add(platform.Alertmanager, readFile(t, "observability/alertmanager/compose/webhook-url"))
	return slices.SortedFunc(keys(called), func(a, b edge) int {
		return cmp.Or(strings.Compare(a.to, b.to), cmp.Compare(a.port, b.port), strings.Compare(a.from, b.from))
	})
}

func keys[K comparable](set map[K]bool) func(func(K) bool) {
	return func(yield func(K) bool) {
		for key := range set {
			if !yield(key) {
				return
			}
		}
	}
}

// settingsRead returns a function that reports whether a component reads a setting, which is in the table of docs/platform.md.
func settingsRead(t *testing.T) func(component, variable string) bool {
	t.Helper()
	reads := map[string]string{}
	row := regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\|.*\\| ([^|]+) \\|$")
	for _, cells := range row.FindAllStringSubmatch(readFile(t, "docs/platform.md"), -1) {
		reads[cells[1]] += "," + strings.ReplaceAll(cells[2], " ", "")
	}
	require.NotEmpty(t, reads["REDIS_URL"])
	return func(component, variable string) bool {
		return slices.ContainsFunc(strings.Split(reads[variable], ","), func(name string) bool { return name == "all" || name == component })
	}
}

// peers are the parts at one end of edges that share a port.
type peers struct {
	Port  int
	Parts []string
}

// policy is what a NetworkPolicy lets a part do.
type policy struct {
	Name, Part       string
	Callers, Callees []peers
}

// policyOf returns the policy of a part for those edges.
func policyOf(name, part string, calls []edge) policy {
	p := policy{Name: name, Part: part}
	callers, callees := map[int][]string{}, map[int][]string{}
	for _, call := range calls {
		if call.to == part {
			callers[call.port] = append(callers[call.port], call.from)
		}
		if call.from == part {
			callees[call.port] = append(callees[call.port], call.to)
		}
	}
	p.Callers, p.Callees = byPort(callers), byPort(callees)
	return p
}

func byPort(parts map[int][]string) []peers {
	var all []peers
	for port, names := range parts {
		all = append(all, peers{port, names})
	}
	slices.SortFunc(all, func(a, b peers) int { return cmp.Compare(a.Port, b.Port) })
	return all
}
