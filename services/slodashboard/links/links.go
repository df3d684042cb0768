// Package links returns the links to the platform's other pages, such as Grafana, and whether each page is available.
package links

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"net/url"
	"strings"
	"sync"
	"time"

	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/internal/upstream"
	"deals.example/services/slodashboard/api"
)

// Config holds the URLs of the pages: as this process reaches them, to check whether they are available, and as browsers reach them.
type Config struct {
	Grafana      string
	Tempo        string
	Pyroscope    string
	Alertmanager string
	QueueUI      string

	PublicGrafana      string
	PublicPyroscope    string
	PublicPrometheus   string
	PublicAlertmanager string
	PublicQueueUI      string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.PartURL(&c.Grafana, platform.Grafana).Help("Grafana, as this process reaches it")
	s.PartURL(&c.Tempo, platform.Tempo).
		Help("Tempo, as this process reaches it; its traces are shown in Grafana")
	s.PartURL(&c.Pyroscope, platform.Pyroscope).Help("Pyroscope's page, as this process reaches it")
	s.PartURL(&c.Alertmanager, platform.Alertmanager).Help("Alertmanager, as this process reaches it")
	s.PartURL(&c.QueueUI, platform.QueueUI).Help("queue-ui, as this process reaches it")
	s.URL(&c.PublicGrafana, "PUBLIC_GRAFANA_URL", "").
		Help("Grafana, as browsers reach it; empty: as this process does, and so for the others")
	s.URL(&c.PublicPyroscope, "PUBLIC_PYROSCOPE_URL", "").Help("Pyroscope, as browsers reach it")
	s.URL(&c.PublicPrometheus, "PUBLIC_PROMETHEUS_URL", "").Help("Prometheus, as browsers reach it")
	s.URL(&c.PublicAlertmanager, "PUBLIC_ALERTMANAGER_URL", "").Help("Alertmanager, as browsers reach it")
	s.URL(&c.PublicQueueUI, "PUBLIC_QUEUE_UI_URL", "").Help("queue-ui, as browsers reach it")
}

const (
	probeTimeout = time.Second
	probeAge     = 5 * time.Second // a page that starts is linked within this time
)

// page is a page that may be available.
type page struct {
	id, label string
	public    string
	health    string // path that answers 200 when available
	endpoint  *upstream.Endpoint
	templates []api.LinkTemplate
}

// Links checks which pages are available. It may be used concurrently.
type Links struct {
	pages []page

	mu      sync.Mutex // held while probing
	probed  time.Time
	present []bool
}

// New returns the links. prometheus is the URL of Prometheus as this process reaches it.
func New(cfg Config, prometheus string, deps upstream.Deps) (*Links, error) {
	l := &Links{}
	grafana := cmp.Or(cfg.PublicGrafana, cfg.Grafana)
	for _, p := range []struct{ id, url, public, health string }{
		{platform.Grafana, cfg.Grafana, cfg.PublicGrafana, "/api/health"},
		{platform.Tempo, cfg.Tempo, grafana, "/ready"},
		{platform.Pyroscope, cfg.Pyroscope, cfg.PublicPyroscope, "/ready"},
		{platform.Prometheus, prometheus, cfg.PublicPrometheus, "/-/ready"},
		{platform.Alertmanager, cfg.Alertmanager, cfg.PublicAlertmanager, "/-/ready"},
		{platform.QueueUI, cfg.QueueUI, cfg.PublicQueueUI, "/healthz"},
	} {
		part, _ := platform.Named(p.id)
		endpoint, err := upstream.NewEndpoint(upstream.EndpointConfig{Service: p.id, URL: p.url, Timeout: probeTimeout}, deps)
		if err != nil {
			return nil, fmt.Errorf("page of %s: %w", part.Label, err)
		}
		public := strings.TrimSuffix(cmp.Or(p.public, p.url), "/")
		l.pages = append(l.pages, page{p.id, part.Label, public, p.health, endpoint, templates(p.id, public)})
	}
	return l, nil
}

// Pages returns all pages. Available pages have links.
func (l *Links) Pages(ctx context.Context) api.Links {
	present := l.probe(ctx)
	links := api.Links{}
	for i, p := range l.pages {
		described := api.Page{ID: api.PageID(p.id), Label: p.label, Available: present[i], URL: p.public, Links: []api.LinkTemplate{}}
		if p.id == platform.Tempo {
			described.Available = present[i] && present[0] // Grafana shows the traces
		}
		if described.Available {
			described.Links = p.templates
		}
		links.Pages = append(links.Pages, described)
	}
	return links
}

// Rebase returns a page of HTML in which the default URLs of the other pages are replaced by those at which browsers reach them.
func (l *Links) Rebase(page string) string {
	var urls []string
	for _, p := range l.pages {
		urls = append(urls, platform.URL(p.id), html.EscapeString(p.public))
	}
	return strings.NewReplacer(urls...).Replace(page)
}

// Graph returns the URL at which Prometheus' page, whose base URL is at, shows the graph of a query.
func Graph(at, query string) string {
	return at + strings.Replace(graph, "{query}", strings.ReplaceAll(url.QueryEscape(query), "+", "%20"), 1)
}

const graph = "/query?g0.expr={query}&g0.tab=graph&g0.range_input=15m"

// probe checks all pages concurrently, at most once per probeAge.
func (l *Links) probe(ctx context.Context) []bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.probed) < probeAge {
		return l.present
	}
	present := make([]bool, len(l.pages))
	var probing sync.WaitGroup
	for i, p := range l.pages {
		probing.Go(func() { present[i] = p.endpoint.Probe(context.WithoutCancel(ctx), p.health) == nil })
	}
	probing.Wait()
	l.present, l.probed = present, time.Now()
	return present
}

// templates returns the link templates of a page with base URL at.
func templates(id, at string) []api.LinkTemplate {
	switch id {
	case platform.Grafana:
		return dashboards(at)
	case platform.Tempo:
		return []api.LinkTemplate{
			{ID: "traces", Label: "Traces", URL: explore(at, "tempo", `"queryType":"traceql","query":"{ resource.service.name = \"{service}\" }"`)},
			{ID: "trace", Label: "Trace", URL: explore(at, "tempo", `"queryType":"traceql","query":"{trace}"`)},
		}
	case platform.Pyroscope:
		return []api.LinkTemplate{{
			ID: "profile", Label: "CPU profile",
			URL: at + `/?query=process_cpu%3Acpu%3Ananoseconds%3Acpu%3Ananoseconds%7Bservice_name%3D%22{service}%22%7D&from={from}&until={to}`,
		}}
	case platform.Prometheus:
		return []api.LinkTemplate{{ID: "graph", Label: "Graph", URL: at + graph}}
	case platform.Alertmanager:
		return []api.LinkTemplate{{ID: "alerts", Label: "Alerts", URL: at + "/#/alerts"}}
	default:
		return []api.LinkTemplate{{ID: "queue", Label: "Queue", URL: at + "/queues/{queue}"}}
	}
}

func dashboards(at string) []api.LinkTemplate {
	var links []api.LinkTemplate
	for _, d := range []struct{ id, label string }{
		{"overview", "Overview"},
		{"experience-api", "Experience API"},
		{"queues", "Queues and workers"},
		{"read-model", "Hybrid read model"},
		{"runtime", "Runtime and hashes"},
		{"load", "Load"},
	} {
		links = append(links, api.LinkTemplate{ID: d.id, Label: d.label, URL: at + "/d/deals-" + d.id + "?from={from}&to={to}"})
	}
	return links
}

// explore returns the URL of Grafana's Explore with a query of a data source. query is a list of JSON fields. Placeholders are not escaped.
func explore(at, source, query string) string {
	panes := fmt.Sprintf(`{"a":{"datasource":%[1]q,"queries":[{"refId":"A","datasource":{"uid":%[1]q,"type":%[1]q},%[2]s}],"range":{"from":"{from}","to":"{to}"}}}`,
		source, query)
	escaped := url.QueryEscape(panes)
	for _, placeholder := range []string{"{service}", "{trace}", "{from}", "{to}"} {
		escaped = strings.ReplaceAll(escaped, url.QueryEscape(placeholder), placeholder)
	}
	return at + "/explore?schemaVersion=1&orgId=1&panes=" + escaped
}
