// Package slodashboard is the platform's dashboard. It shows indicators, objectives, the service graph and queues from Prometheus, and can start
// load, set faults and replay dead jobs. It scrapes nothing and stores no metrics. The history of scenarios and of Alertmanager's notifications
// is kept in memory only.
package slodashboard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"deals.example/internal/admin"
	"deals.example/internal/app"
	"deals.example/internal/flame"
	"deals.example/internal/platform"
	"deals.example/internal/queue"
	"deals.example/internal/upstream"
	"deals.example/k6"
	"deals.example/lab/experiment"
	"deals.example/lab/heavyhash"
	"deals.example/lab/replay"
	"deals.example/services/slodashboard/comparison"
	"deals.example/services/slodashboard/experiments"
	"deals.example/services/slodashboard/links"
	"deals.example/services/slodashboard/probe"
	"deals.example/services/slodashboard/profiles"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
	"deals.example/services/slodashboard/view"
)

// maxIdle is the number of idle connections kept per server.
const maxIdle = 16

// Build adds the dashboard to rt.
func Build(ctx context.Context, rt *app.Runtime, cfg Config) error {
	transport := upstream.NewTransport(maxIdle)
	rt.OnClose("connections", func(context.Context) error { transport.CloseIdleConnections(); return nil })
	deps := upstream.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger, Transport: transport}

	client, err := prom.New(cfg.Prometheus, transport)
	if err != nil {
		return err
	}
	rt.OnClose("prometheus", func(context.Context) error { client.Close(); return nil })
	s := &server{
		cfg: cfg, started: time.Now(), prom: client,
		components: admin.New(cfg.controlled(), transport, rt.AdminToken).WithReplicas(cfg.replicaSuffix, net.DefaultResolver),
		services:   admin.New(cfg.Services.urls(), transport, rt.AdminToken).WithReplicas(cfg.replicaSuffix, net.DefaultResolver),
	}
	if s.links, err = links.New(cfg.Links, cfg.Prometheus.URL, deps); err != nil {
		return err
	}
	if s.profiles, err = profiles.New(cfg.Links.Pyroscope, transport); err != nil {
		return err
	}
	rt.OnClose("profiles", func(context.Context) error { s.profiles.Close(); return nil })
	if err := s.connectQueues(rt); err != nil {
		return err
	}
	if err := s.prepareLoad(ctx, rt, deps); err != nil {
		return err
	}
	rt.Go("prober", probe.New(cfg.Probe, s.target(), rt.Registry).Run)
	s.guard, s.token = rt.Guard, rt.AdminToken
	// Alertmanager has no token. Its webhook only adds to a bounded log, whose texts are cut and shown as text.
	rt.Guard.Open("/api/alerts")
	return s.routes(rt.Router)
}

// connectQueues sets up access to the DLQs and the views. Without Redis the rest of the dashboard works.
func (s *server) connectQueues(rt *app.Runtime) error {
	rdb, err := rt.QueueRedis(s.cfg.Redis)
	if err != nil {
		return err
	}
	rt.Check("redis", false, func(ctx context.Context) error { return rdb.Ping(ctx).Err() })
	rt.Check("prometheus", false, func(ctx context.Context) error { _, err := s.prom.Now(ctx, "vector(1)"); return err })
	if s.dlq, err = queue.NewDLQ(rdb); err != nil {
		return err
	}
	var replicas []string
	for _, url := range s.cfg.Services.Ratings {
		replicas = append(replicas, trimmed(url))
	}
	s.views = view.New(s.prom, s.dlq, replicas)
	return nil
}

// prepareLoad sets up the scenarios and the flame graph comparison, which share k6. Without k6 the rest of the dashboard works.
func (s *server) prepareLoad(ctx context.Context, rt *app.Runtime, deps upstream.Deps) error {
	catalog, err := k6.Load()
	if err != nil {
		return err
	}
	dir, err := s.workDir(rt)
	if err != nil {
		return err
	}
	runner, missing := k6.NewRunner(k6.RunnerConfig{
		Binary: s.cfg.Scenarios.Binary, Dir: dir, Target: s.target(),
		PrometheusURL: trimmed(s.cfg.Prometheus.URL), RedisURL: s.cfg.Redis.URL, Logger: rt.Logger,
	})
	if missing != nil {
		rt.Logger.WarnContext(ctx, "scenarios are unavailable", "error", missing)
	}
	s.scenarios = scenario.New(s.cfg.Scenarios, scenario.Deps{Catalog: catalog, Runner: runner, Missing: missing, Ask: s.ask, Logger: rt.Logger})
	s.comparison = comparison.New(dir, func(ctx context.Context, dir string, progress func(heavyhash.Step)) (flame.Report, error) {
		if runner == nil {
			return flame.Report{}, missing
		}
		return heavyhash.Run(ctx, s.experiment(runner, dir), progress)
	})
	if err := s.prepareExperiments(rt, runner, missing, dir); err != nil {
		return err
	}
	rt.OnDrain("experiments", func(context.Context) error { s.experiments.Close(); return nil })
	rt.OnDrain("scenarios", s.scenarios.Close)
	rt.OnDrain("flame graphs", func(context.Context) error { s.comparison.Close(); return nil })
	rt.Go("expectations", func(ctx context.Context) error { return s.scenarios.Watch(ctx, platform.ScrapeInterval) })
	return s.autostart(rt, deps, runner != nil)
}

// prepareExperiments sets up the lab, which pauses the scenarios while an experiment runs.
func (s *server) prepareExperiments(rt *app.Runtime, runner *k6.Runner, missing error, dir string) error {
	catalog, err := experiment.Load()
	if err != nil {
		return err
	}
	results := s.cfg.Results
	if results == "" {
		results = filepath.Join(dir, "experiments")
	}
	store, err := experiment.NewStore(results)
	if err != nil {
		return err
	}
	promtool, noPromtool := replay.NewPromtool(s.cfg.Promtool, dir)
	if noPromtool != nil && !errors.Is(noPromtool, replay.ErrNoPromtool) {
		return noPromtool
	}
	engine := experiment.New(experiment.Deps{
		Admin: s.components, Runner: runner, Missing: missing, Promtool: promtool, NoPromtool: noPromtool, Ask: s.askAt,
		Pause: s.scenarios.Pause, Dir: dir, Version: app.Version(), Logger: rt.Logger, Registry: rt.Registry,
	})
	s.experiments = experiments.New(experiments.Deps{Catalog: catalog, Engine: engine, Store: store, Missing: missing, Report: experimentReports})
	return nil
}

// autostart starts the default scenario once the experience API is ready.
func (s *server) autostart(rt *app.Runtime, deps upstream.Deps, able bool) error {
	api, err := upstream.NewEndpoint(upstream.EndpointConfig{Service: "experience-api", URL: s.cfg.Scenarios.Target, Timeout: time.Second}, deps)
	if err != nil {
		return fmt.Errorf("EXPERIENCE_API_URL: %w", err)
	}
	if able && s.cfg.Scenarios.Autostart {
		rt.Go("default scenario", func(ctx context.Context) error {
			return s.scenarios.Autostart(ctx, func(ctx context.Context) error { return api.Probe(ctx, "/readyz") })
		})
	}
	return nil
}

// experiment returns the settings of a flame graph comparison, which are the defaults of `deals flame`.
func (s *server) experiment(runner *k6.Runner, dir string) heavyhash.Config {
	return heavyhash.Config{
		Target: s.target(), Token: s.token, Runner: runner, Dir: dir,
		Duration: heavyhash.DefaultDuration, Lists: heavyhash.DefaultLists, Hashes: heavyhash.DefaultHashes,
	}
}

// workDir returns the directory for k6 and the reports. A temporary one is removed on shutdown.
func (s *server) workDir(rt *app.Runtime) (string, error) {
	if s.cfg.Scenarios.Dir != "" {
		return s.cfg.Scenarios.Dir, nil
	}
	dir, err := os.MkdirTemp("", "slo-dashboard-")
	if err != nil {
		return "", fmt.Errorf("create directory for k6: %w", err)
	}
	rt.OnClose("folder of k6", func(context.Context) error { return os.RemoveAll(dir) })
	return dir, nil
}

// ask returns the value of an expectation's query.
func (s *server) ask(ctx context.Context, query string) (*float64, error) {
	return s.askAt(ctx, query, time.Now())
}

// askAt returns the value that a query has at a time.
func (s *server) askAt(ctx context.Context, query string, at time.Time) (*float64, error) {
	snapshot, err := s.prom.At(ctx, at.Truncate(time.Second), prom.Query(query))
	if err != nil {
		return nil, err
	}
	return snapshot.ValueOrInf(prom.Query(query)), nil
}

// target returns the base URL that scenarios load.
func (s *server) target() string { return trimmed(s.cfg.Scenarios.Target) }

// trimmed returns a base URL without a trailing slash, as metrics label it.
func trimmed(url string) string { return strings.TrimSuffix(url, "/") }
