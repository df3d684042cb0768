package experiment

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics tells Prometheus what an engine does, so that the past of the platform says which arm ran when. Its labels have the values of the
// catalog. It may be used concurrently.
type Metrics struct {
	info, round, disturbance, started *prometheus.Desc

	mu         sync.Mutex
	experiment string // that runs; empty: none
	at         Progress
	starts     map[armOf]time.Time // of the last load of each arm
}

type armOf struct{ experiment, arm string }

// NewMetrics returns metrics that say that nothing runs.
func NewMetrics() *Metrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("deals_experiment_"+name, help, append([]string{"experiment"}, labels...), nil)
	}
	return &Metrics{
		info:        desc("info", "1 for the arm and the phase of the experiment that runs.", "arm", "phase"),
		round:       desc("round", "Round of the experiment that runs, from 1."),
		disturbance: desc("disturbance_info", "1 for what disturbs the platform now.", "disturbance"),
		started:     desc("load_start_time_seconds", "Unix time at which the last load of an arm started.", "arm"),
		starts:      map[armOf]time.Time{},
	}
}

// Show says where the run of an experiment is.
func (m *Metrics) Show(experiment string, at Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.experiment, m.at = experiment, at
	if at.Phase == Loading {
		m.starts[armOf{experiment, at.Arm}] = at.Started
	}
}

// End says that no experiment runs.
func (m *Metrics) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.experiment = ""
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{m.info, m.round, m.disturbance, m.started} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for of, start := range m.starts {
		gauge(m.started, float64(start.UnixMilli())/1000, of.experiment, of.arm)
	}
	if m.experiment == "" {
		return
	}
	gauge(m.info, 1, m.experiment, m.at.Arm, string(m.at.Phase))
	gauge(m.round, float64(m.at.Round), m.experiment)
	if m.at.Phase == Loading && m.at.Disturbed != "" {
		gauge(m.disturbance, 1, m.experiment, m.at.Disturbed)
	}
}
