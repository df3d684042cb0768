package deals

import (
	"slices"
	"strings"
	"time"

	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"

	"deals.example/internal/platform"
)

// meters are the metrics of the extension; k6 adds http_req_*.
type meters struct {
	goodput   *metrics.Metric // complete 2xx responses
	degraded  *metrics.Metric // share of 2xx responses with missing parts
	warnings  *metrics.Metric // by upstream
	shed      *metrics.Metric // share of 429 responses
	readModel *metrics.Metric // deals of lists, by outcome
	purchases *metrics.Metric // audited purchases, by outcome
	requests  *metrics.Metric // duration of requests, by outcome; of clients with the option timeline
}

// Names that the timeline output looks for.
const (
	requestDuration = "deals_request_duration"
	outcomeTag      = "outcome"
)

// newMeters registers the metrics. It may be called repeatedly with the same registry.
func newMeters(registry *metrics.Registry) (*meters, error) {
	m := &meters{}
	for _, one := range []struct {
		metric **metrics.Metric
		name   string
		kind   metrics.MetricType
	}{
		{&m.goodput, "deals_goodput", metrics.Counter},
		{&m.degraded, "deals_degraded", metrics.Rate},
		{&m.warnings, "deals_warnings", metrics.Counter},
		{&m.shed, "deals_shed", metrics.Rate},
		{&m.readModel, "deals_read_model", metrics.Counter},
		{&m.purchases, "deals_purchases", metrics.Counter},
		{&m.requests, requestDuration, metrics.Trend},
	} {
		metric, err := registry.NewMetric(one.name, one.kind, unit(one.kind)...)
		if err != nil {
			return nil, err
		}
		*one.metric = metric
	}
	return m, nil
}

// unit returns what the values of a kind of metric are: those of trends are milliseconds.
func unit(kind metrics.MetricType) []metrics.ValueType {
	if kind == metrics.Trend {
		return []metrics.ValueType{metrics.Time}
	}
	return nil
}

// samples are samples with the same time and tags.
type samples struct {
	now  time.Time
	tags metrics.TagsAndMeta
	list metrics.Samples
}

func newSamples(tags metrics.TagsAndMeta) *samples {
	return &samples{now: time.Now(), tags: tags}
}

// add adds a sample, with a further tag unless tag is empty.
func (s *samples) add(metric *metrics.Metric, value float64, tag, tagValue string) {
	tags := s.tags.Tags
	if tag != "" {
		tags = tags.With(tag, tagValue)
	}
	s.list = append(s.list, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Time: s.now, Metadata: s.tags.Metadata, Value: value,
	})
}

func (s *samples) push(state *lib.State) { state.Samples <- s.list }

// count returns the samples of an answer.
func (m *meters) count(to *samples, answer *Answer) {
	complete := len(answer.Warnings) == 0
	to.add(m.shed, metrics.B(answer.Shed), "", "")
	if answer.OK {
		to.add(m.degraded, metrics.B(!complete), "", "")
	}
	if answer.OK && complete {
		to.add(m.goodput, 1, "", "")
	}
	for _, warning := range answer.Warnings {
		to.add(m.warnings, 1, "upstream", upstreamOf(warning))
	}
	if answer.ReadModel != nil {
		answer.ReadModel.each(func(outcome string, deals int) {
			to.add(m.readModel, float64(deals), "outcome", outcome)
		})
	}
}

// upstreamOf returns the upstream of a warning, its first word. Its values are bounded.
func upstreamOf(warning string) string {
	name, _, _ := strings.Cut(warning, " ")
	if api, _ := platform.Named(platform.ExperienceAPI); slices.Contains(api.Upstreams, name) {
		return name
	}
	return "other"
}
