// Package kubernetes_test writes the manifests that repeat other files: the platform's table, docker-compose.yml with the settings of
// servers, and the rules of Prometheus. tools/kubernetes checks all manifests as Kubernetes does.
package kubernetes_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
)

//go:generate go test . -run TestManifestsAreCurrent -update

var update = flag.Bool("update", false, "write the manifests anew") //nolint:gochecknoglobals // a flag of the test binary

const (
	// podsSuffix follows a component's name in that of the service that has all its pods.
	podsSuffix = "-pods"
	// drainGrace is how long a pod still serves after SIGTERM: until all nodes have noticed that it is no endpoint any more.
	drainGrace = "5s"
	// drainTimeout is the default of DRAIN_TIMEOUT. Together with the grace, and 6 s for closing and flushing, it is below componentGrace.
	drainTimeout   = "10s"
	componentGrace = 25 // seconds
	defaultGrace   = 30 // seconds, that of Kubernetes
)

// cpuRequests are those that are not the default: enough for a machine of two cores to hold one of each part.
func cpuRequest(name string) string {
	switch name {
	case platform.ExperienceAPI:
		return "250m"
	case platform.Prometheus:
		return "100m"
	default:
		return "20m"
	}
}

// common is what all workloads have.
type common struct {
	platform.Part

	Image, Memory, Request, CPU string
	Grace                       int // seconds
	Policy                      policy
}

type component struct {
	common

	GoMemory string
	Pods     string // name of the service that has all its pods
	Single   bool   // one at most
	Scratch  string // a folder for temporary files
}

type server struct {
	common

	User        int
	WorkingDir  string
	Args        []string
	Environment map[string]string
	Ports       []port
	Exec        []string // how to ask whether it is ready, instead of at the path Ready
	Ready       string
	Data        string
	Persistent  bool
	Configs     []config
}

type port struct {
	Name string
	Port int
}

// config is a ConfigMap that a server mounts.
type config struct {
	ConfigMap, Path string
	Items           []item
}

type item struct{ Key, Path string }

// users are those of the servers' images.
func user(name string) int {
	switch name {
	case platform.Redis:
		return 999
	case platform.Grafana:
		return 472
	case platform.Prometheus, platform.Alertmanager:
		return 65534
	default:
		return 10001
	}
}

// configs returns what a server mounts, as compose mounts it.
func configs(name string) []config {
	switch name {
	case platform.Redis:
		return nil
	case platform.Prometheus:
		return []config{
			{ConfigMap: "prometheus", Path: "/etc/prometheus"},
			{ConfigMap: "prometheus-rules", Path: "/etc/prometheus/rules"},
			{ConfigMap: "prometheus-slo", Path: "/etc/prometheus/slo"},
			{ConfigMap: "prometheus-scrape", Path: "/etc/prometheus/scrape"},
		}
	case platform.Grafana:
		return []config{
			{ConfigMap: "grafana", Path: "/etc/deals", Items: []item{
				{"grafana.ini", "grafana.ini"},
				{"datasources.yaml", "provisioning/datasources/datasources.yaml"},
				{"dashboards.yaml", "provisioning/dashboards/dashboards.yaml"},
				{"alerting.yaml", "provisioning/alerting/none.yaml"},
				{"plugins.yaml", "provisioning/plugins/none.yaml"},
			}},
			{ConfigMap: "grafana-dashboards", Path: "/etc/deals/dashboards"},
		}
	default:
		return []config{{ConfigMap: name, Path: "/etc/" + name}}
	}
}

// TestManifestsAreCurrent compares the generated files with what they should be, which -update makes them.
func TestManifestsAreCurrent(t *testing.T) {
	services := compose(t)
	calls := edges(t, services)
	files := map[string]string{
		"base/settings.env":                   baseSettings(services),
		"components/stack/settings.env":       stackSettings(t, services),
		"components/stack/scrape.yaml":        scrapeConfigs(),
		"components/stack/targets.yaml":       serverTargets(),
		"components/stack/network.yaml":       stackPolicies(t, calls),
		"components/observability/rules.yaml": prometheusRules(t),
		"components/load/jobs.yaml":           render(t, "load.yaml.tmpl", map[string]any{"Generated": generated, "Modes": loadModes(t)}),
	}
	var inBase []edge
	for _, call := range calls {
		if !ofServer(call) {
			inBase = append(inBase, call)
		}
	}
	for _, p := range platform.Parts() {
		switch {
		case p.IsComponent():
			files["base/"+p.Name+".yaml"] = render(t, "component.yaml.tmpl", componentOf(p, services[p.Name], inBase))
		case isServer(p):
			files["components/stack/"+p.Name+".yaml"] = render(t, "server.yaml.tmpl", serverOf(t, p, services[p.Name], calls))
		default:
			files["base/"+p.Name+".yaml"] = render(t, "server.yaml.tmpl", serverOf(t, p, services[p.Name], inBase))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if *update {
			require.NoError(t, os.WriteFile(filepath.FromSlash(name), []byte(files[name]), 0o600))
			continue
		}
		written, err := os.ReadFile(filepath.FromSlash(name))
		require.NoError(t, err)
		assert.Equal(t, files[name], string(written), "%s: go generate ./deploy/kubernetes writes it anew", name)
	}
}

func componentOf(p platform.Part, s service, calls []edge) component {
	c := component{
		common:   commonOf(p, s, calls),
		GoMemory: s.Environment["GOMEMLIMIT"],
		Pods:     p.Name + podsSuffix,
		Single:   p.Name == platform.Dashboard,
	}
	c.Grace = componentGrace
	if c.Single {
		c.Scratch = "/tmp" // k6's scripts, flame graphs
	}
	return c
}

func commonOf(p platform.Part, s service, calls []edge) common {
	request := memory(s.Memory)
	if limit, set := s.Environment["GOMEMLIMIT"]; set {
		request = goMemory(limit)
	}
	return common{
		Part: p, Image: s.Image, Memory: memory(s.Memory), Request: request, CPU: cpuRequest(p.Name), Grace: defaultGrace,
		Policy: policyOf(p.Name, p.Name, calls),
	}
}

func serverOf(t *testing.T, p platform.Part, s service, calls []edge) server {
	t.Helper()
	made := server{
		common: commonOf(p, s, calls), User: user(p.Name), WorkingDir: s.WorkingDir, Environment: s.Environment,
		Args: s.command(t), Exec: s.shellCheck(), Ready: s.ready(), Data: s.data(t, p.Name), Persistent: p.Kind == platform.Store,
		Configs: configs(p.Name),
	}
	for i, published := range s.Ports {
		number, err := strconv.Atoi(published[strings.LastIndexByte(published, ':')+1:])
		require.NoError(t, err)
		name := "http"
		switch {
		case p.Kind == platform.Store:
			name = p.Name
		case i > 0:
			name = "otlp"
		}
		made.Ports = append(made.Ports, port{name, number})
	}
	return made
}

func ofServer(call edge) bool {
	from, _ := platform.Named(call.from)
	to, _ := platform.Named(call.to)
	return isServer(from) || isServer(to)
}

const generated = "# Written by go generate ./deploy/kubernetes.\n"

// baseSettings are where the parts of the base are, and what differs from running on one machine.
func baseSettings(services map[string]service) string {
	settings := map[string]string{"DRAIN_GRACE": drainGrace, "DRAIN_TIMEOUT": drainTimeout, "REPLICAS_SUFFIX": podsSuffix}
	for name, value := range services[platform.Dashboard].Environment {
		switch {
		case name == "HOST", name == "REDIS_URL", urlsOf(func(p platform.Part) bool { return !isServer(p) })[name]:
			settings[name] = value
		}
	}
	return assignments(settings)
}

// stackSettings are where the servers are, as components reach them and as browsers do.
func stackSettings(t *testing.T, services map[string]service) string {
	t.Helper()
	settings := map[string]string{}
	ofServers := urlsOf(isServer)
	for name, value := range services[platform.Dashboard].Environment {
		if ofServers[name] || strings.HasPrefix(name, "PUBLIC_") || strings.HasPrefix(name, "OTEL_") || name == "PYROSCOPE_URL" {
			require.NotEmpty(t, value, name)
			settings[name] = value
		}
	}
	return assignments(settings)
}

func urlsOf(which func(platform.Part) bool) map[string]bool {
	names := map[string]bool{}
	for _, p := range platform.Parts() {
		if p.URLVar != "" && which(p) {
			names[p.URLVar] = true
		}
	}
	return names
}

func assignments(settings map[string]string) string {
	var b strings.Builder
	b.WriteString(generated)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s=%s\n", name, settings[name])
	}
	return b.String()
}

// scrapeConfigs finds each pod of a component by the DNS name of its headless service.
func scrapeConfigs() string {
	var b strings.Builder
	b.WriteString(generated + "scrape_configs:\n")
	for _, p := range platform.Components() {
		fmt.Fprintf(&b, "  - job_name: %s\n", p.Name)
		fmt.Fprintf(&b, "    dns_sd_configs: [{names: [%s], type: A, port: %d, refresh_interval: 5s}]\n", p.Name+podsSuffix, p.Port)
	}
	return b.String()
}

// loadModes returns the modes of deals load.
func loadModes(t *testing.T) []string {
	t.Helper()
	enum := regexp.MustCompile("Mode +string +`enum:\"([^\"]+)\"").FindStringSubmatch(readFile(t, "cmd/deals/load.go"))
	require.Len(t, enum, 2)
	return strings.Split(enum[1], ",")
}

func serverTargets() string {
	var b strings.Builder
	b.WriteString(generated)
	for _, p := range platform.Parts() {
		if isServer(p) {
			fmt.Fprintf(&b, "- {targets: [\"%s:%d\"], labels: {job: %s}}\n", p.Name, p.Port, p.Name)
		}
	}
	return b.String()
}

// stackPolicies adds to the policies of the base what its parts have to do with the servers.
func stackPolicies(t *testing.T, calls []edge) string {
	t.Helper()
	var withServers []edge
	for _, call := range calls {
		if ofServer(call) {
			withServers = append(withServers, call)
		}
	}
	var b strings.Builder
	b.WriteString(generated)
	for _, p := range platform.Components() {
		b.WriteString(render(t, "policy", policyOf(p.Name+"-telemetry", p.Name, withServers)))
	}
	return b.String()
}

// prometheusRules are the files that Prometheus reads, each as a resource of the operator.
func prometheusRules(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(generated)
	for _, pattern := range []string{"observability/prometheus/rules/*.yaml", "slo/rules/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".yaml")
			fmt.Fprintf(&b, "---\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: deals-%s\n"+
				"  labels: {app.kubernetes.io/part-of: deals}\nspec:\n", name)
			text, err := filepath.Rel(root, path)
			require.NoError(t, err)
			b.WriteString(indented(2, readFile(t, filepath.ToSlash(text))))
		}
	}
	return b.String()
}

// indented puts so many spaces before each line that is not empty.
func indented(by int, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	return b.String()
}

// render executes a template of the folder templates.
func render(t *testing.T, name string, data any) string {
	t.Helper()
	all := template.New("")
	execute := func(name string, data any) (string, error) {
		var b bytes.Buffer
		err := all.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}
	all.Funcs(template.FuncMap{
		"list": func(words ...string) []string { return words },
		"indent": func(by int, name string, data any) (string, error) {
			text, err := execute(name, data)
			return indented(by, text), err
		},
	})
	_, err := all.ParseGlob("templates/*.tmpl")
	require.NoError(t, err)
	text, err := execute(name, data)
	require.NoError(t, err)
	return text
}
