package slodashboard

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/admin"
	"deals.example/internal/httpguard"
	"deals.example/internal/queue"
	"deals.example/lab/control"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/comparison"
	"deals.example/services/slodashboard/experiments"
	"deals.example/services/slodashboard/links"
	"deals.example/services/slodashboard/profiles"
	"deals.example/services/slodashboard/prom"
	"deals.example/services/slodashboard/scenario"
	"deals.example/services/slodashboard/view"
	"deals.example/services/slodashboard/web"
)

// server answers the calls of the API, and serves the page.
type server struct {
	cfg         Config
	started     time.Time
	guard       *httpguard.Guard
	token       string // for profiles of the experience API
	prom        *prom.Client
	views       *view.Views
	dlq         *queue.DLQ
	components  *admin.Client // all that have settings
	services    *admin.Client // those that have faults and a capacity
	links       *links.Links
	scenarios   *scenario.Supervisor
	comparison  *comparison.Job
	experiments *experiments.Lab
	profiles    *profiles.Client
	alerts      alertLog
}

// handlers are those of the calls in api.Endpoints, by their ids.
func (s *server) handlers() map[string]gin.HandlerFunc {
	fault := setting[api.Fault, api.FaultChange]{
		s.services, "/admin/fault", func(of string) *api.Fault { return &api.Fault{Service: of} }, s.services.Reset,
	}
	capacity := setting[api.Capacity, api.CapacityChange]{
		s.services, "/admin/capacity", func(of string) *api.Capacity { return &api.Capacity{Service: of} }, s.services.Reset,
	}
	controls := setting[api.Controls, api.ControlChange]{
		s.components, control.Path, func(of string) *api.Controls { return &api.Controls{Component: of, Controls: []api.Control{}} }, s.components.Delete,
	}
	return map[string]gin.HandlerFunc{
		"sli":      withPast(s.views.SLI),
		"hybrid":   withPast(s.views.Hybrid),
		"hash":     withPast(s.views.Hash),
		"queues":   withPast(s.views.Queues),
		"slo":      answer(s.views.SLO),
		"whatIf":   s.handleWhatIf,
		"topology": answer(s.views.Topology),
		"node":     s.handleNode,

		"busyTraces": s.handleBusyTraces,
		"replay":     s.handleReplay,
		"scenarios":  s.handleScenarios,
		"scenario":   s.handleScenario,
		"runs":       s.handleRuns,

		"experiments":      s.handleExperiments,
		"experiment":       s.handleExperiment,
		"runExperiment":    s.handleRunExperiment,
		"stopExperiment":   s.handleStopExperiment,
		"experimentResult": s.handleExperimentResult,

		"faults":        fault.get,
		"setFaults":     s.unlessExperimenting(fault.set),
		"resetFaults":   s.unlessExperimenting(fault.reset),
		"capacity":      capacity.get,
		"setCapacity":   s.unlessExperimenting(capacity.set),
		"resetCapacity": s.unlessExperimenting(capacity.reset),
		"controls":      controls.get,
		"setControl":    s.unlessExperimenting(controls.set),
		"resetControls": s.unlessExperimenting(controls.reset),
		"switches":      answer(s.views.Switches),
		"flame":         s.handleFlame,
		"compareFlames": s.unlessExperimenting(s.handleCompareFlames),
		"alerts":        s.handleAlerts,
		"notify":        s.handleNotify,
		"links":         s.handleLinks,
		"meta":          s.handleMeta,
	}
}

// routes registers every call of the table, so that what is described is what there is.
func (s *server) routes(r *gin.Engine) error {
	r.Use(secure)
	handlers := s.handlers()
	for _, endpoint := range api.Endpoints() {
		handle, there := handlers[endpoint.ID]
		if !there {
			return fmt.Errorf("no handler for %s", endpoint.ID)
		}
		r.Handle(endpoint.Method, ginPath(endpoint.Path), handle)
	}
	r.GET("/api/openapi.json", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", api.OpenAPI()) })
	r.GET(reportPath+":file", s.handleReportFile)
	r.GET(experimentReports+":file", s.handleExperimentReport)
	runbookRoutes(r, s.links)
	page, err := newPage(web.Files())
	if err != nil {
		return err
	}
	r.NoRoute(page.handle)
	return nil
}

// ginPath writes a path's parameters as gin does.
func ginPath(path string) string { return strings.NewReplacer("{", ":", "}", "").Replace(path) }
