package slodashboard

import (
	"deals.example/internal/app"
	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/services/slodashboard/links"
	"deals.example/services/slodashboard/probe"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
)

// Config holds the settings of the dashboard.
type Config struct {
	Prometheus       prom.Config
	Scenarios        scenario.Config
	Redis            app.RedisConfig
	Services         ServicesConfig
	Links            links.Config
	Probe            probe.Config
	Results          string // folder for the results of experiments; empty: in that of k6
	Promtool         string
	balancer, worker string // URLs of the components that have controls and no fault
	replicaSuffix    string // of the name that DNS has for all replicas of a component; empty: each has one process
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	c.Prometheus.Declare(s)
	c.Scenarios.Declare(s)
	c.Redis.Declare(s)
	c.Services.Declare(s)
	c.Links.Declare(s)
	c.Probe.Declare(s)
	s.PartURL(&c.balancer, platform.RatingLB)
	s.PartURL(&c.worker, platform.EnrichmentWorker)
	s.Text(&c.replicaSuffix, "REPLICAS_SUFFIX", "").
		Help("what follows a component's host name in the one that DNS has for all its replicas, such as -pods; faults and controls then reach all of them; empty: each component is one process")
	s.Text(&c.Promtool, "PROMTOOL_BINARY", "").
		Help("promtool, which replays recorded samples in the experiment alerting; empty: the one beside this program, else on PATH")
	s.Text(&c.Results, ResultsVariable, "").Help("folder for the results of experiments; empty: a temporary one")
}

// ResultsVariable is the setting that names the folder of results.
const ResultsVariable = "EXPERIMENT_DIR"

// controlled returns the base URLs of all components whose controls can be switched, by name.
func (c *Config) controlled() map[string]string {
	urls := c.Services.urls()
	urls[platform.ExperienceAPI], urls[platform.RatingLB], urls[platform.EnrichmentWorker] = c.Scenarios.Target, c.balancer, c.worker
	return urls
}

// ServicesConfig holds the base URLs of the services whose faults can be changed.
type ServicesConfig struct {
	Ratings []string // the replicas

	single map[string]*string // the other services, by name
}

// Declare implements settings.Declarer.
func (c *ServicesConfig) Declare(s *settings.Set) {
	c.single = map[string]*string{}
	for _, name := range platform.Faultable() {
		if part, _ := platform.Named(name); part.ReplicaOf == "" {
			c.single[name] = new(string)
			s.PartURL(c.single[name], name)
		}
	}
	s.ReplicaURLs(&c.Ratings, platform.RatingService, "base URLs of the rating replicas, first rating-service-a, then -b")
}

// urls returns the base URLs by service name.
func (c *ServicesConfig) urls() map[string]string {
	urls := map[string]string{}
	for name, url := range c.single {
		urls[name] = *url
	}
	for i, name := range platform.Replicas(platform.RatingService) {
		if i < len(c.Ratings) {
			urls[name] = c.Ratings[i]
		}
	}
	return urls
}
