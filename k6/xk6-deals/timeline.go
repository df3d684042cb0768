package deals

import (
	"errors"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/metrics"
	"go.k6.io/k6/output"

	"deals.example/lab/timeline"
)

// timelineOutput is the k6 output timeline=FILE: it writes the requests of clients with the option timeline, once per second and at the end.
// A stream is a k6 scenario.
type timelineOutput struct {
	output.SampleBuffer

	file     string
	logger   logrus.FieldLogger
	flusher  *output.PeriodicFlusher
	recorder timeline.Recorder // of the flusher's goroutine
}

func newTimelineOutput(params output.Params) (output.Output, error) {
	if params.ConfigArgument == "" {
		return nil, errors.New("output timeline: got no file, want --out timeline=FILE")
	}
	return &timelineOutput{file: params.ConfigArgument, logger: params.Logger}, nil
}

// Description implements output.Output.
func (o *timelineOutput) Description() string { return "timeline (" + o.file + ")" }

// Start implements output.Output.
func (o *timelineOutput) Start() (err error) {
	o.flusher, err = output.NewPeriodicFlusher(time.Second, o.flush)
	return err
}

// Stop implements output.Output.
func (o *timelineOutput) Stop() error {
	o.flusher.Stop()
	return nil
}

func (o *timelineOutput) flush() {
	for _, container := range o.GetBufferedSamples() {
		for _, sample := range container.GetSamples() {
			o.record(sample)
		}
	}
	if err := o.recorder.Write(o.file); err != nil {
		o.logger.WithError(err).Warn("the timeline was not written")
	}
}

func (o *timelineOutput) record(sample metrics.Sample) {
	stream, _ := sample.Tags.Get(metrics.TagScenario.String())
	switch sample.Metric.Name {
	case requestDuration:
		outcome, _ := sample.Tags.Get(outcomeTag)
		took := time.Duration(sample.Value * float64(time.Millisecond))
		o.recorder.Answered(stream, sample.Time.Add(-took), took, timeline.Outcome(outcome))
	case metrics.DroppedIterationsName:
		o.recorder.NotSent(stream, sample.Time, int(sample.Value))
	}
}
