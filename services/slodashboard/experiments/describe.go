package experiments

import (
	"time"

	"deals.example/internal/platform"
	"deals.example/lab/experiment"
	"deals.example/services/slodashboard/api"
)

func card(e experiment.Experiment, verdicts []api.ExperimentVerdict) api.ExperimentCard {
	c := api.ExperimentCard{
		ID: e.ID, Title: e.Title, Question: e.Question, TakesSec: experiment.Options{}.Takes(e).Seconds(), LengthSec: e.Length().Seconds(),
	}
	if len(verdicts) > 0 {
		c.Last = &verdicts[0]
	}
	return c
}

func describe(e experiment.Experiment, verdicts []api.ExperimentVerdict) api.ExperimentDetail {
	d := api.ExperimentDetail{
		ExperimentCard: card(e, verdicts), Verdicts: verdicts, Components: append([]string{}, e.Affected()...), Explanation: e.Explanation,
		Mirrors: []api.ExperimentSource{}, Code: []api.ExperimentCode{}, Setup: e.Settings(), Arms: []api.ExperimentArm{}, Streams: e.Load(), Replay: e.Replay != "",
		Disturbed: []api.ExperimentSpan{}, Promises: []api.ExperimentPromised{}, Predictions: []api.ExperimentQuestion{},
	}
	for _, m := range e.Mirrors {
		d.Mirrors = append(d.Mirrors, api.ExperimentSource(m))
	}
	for _, c := range e.Code {
		d.Code = append(d.Code, api.ExperimentCode(c))
	}
	for _, a := range e.Arms {
		d.Arms = append(d.Arms, api.ExperimentArm{ID: a.ID, Label: a.Label, Set: a.Settings()})
	}
	for _, s := range e.Disturb {
		d.Disturbed = append(d.Disturbed, api.ExperimentSpan{Text: s.Text, AtSec: time.Duration(s.At).Seconds(), ForSec: time.Duration(s.For).Seconds()})
	}
	for _, p := range e.Promises {
		d.Promises = append(d.Promises, describePromise(e, p))
	}
	for _, q := range e.Predictions {
		d.Predictions = append(d.Predictions, describeQuestion(q))
	}
	return d
}

func describePromise(e experiment.Experiment, p experiment.Promise) api.ExperimentPromised {
	unit, _ := e.UnitOf(p.Measure, p.Over)
	return api.ExperimentPromised{
		Key: p.Key(), Text: p.Text, Bound: p.BoundIn(unit), Above: p.Above != nil, Value: p.Bound(), QuickValue: p.QuickBound(), Unit: unit,
	}
}

func describeQuestion(q experiment.Question) api.ExperimentQuestion {
	d := api.ExperimentQuestion{ID: q.ID, Text: q.Text, Choices: append([]string{}, q.Choices...), Answer: q.Answer, Why: q.Why}
	if s := q.Slider; s != nil {
		d.Slider = &api.ExperimentSlider{Min: s.Min, Max: s.Max, Step: s.Step, Unit: s.Unit, Answer: s.Answer, Tolerance: s.Tolerance}
	}
	return d
}

func describeResult(r experiment.Result, verdict api.ExperimentVerdict) api.ExperimentResult {
	d := api.ExperimentResult{
		ExperimentVerdict: verdict, LengthSec: r.Experiment.Length().Seconds(), Seed: r.Seed,
		Processors: r.Machine.Processors, System: r.Machine.System, Version: r.Machine.Version,
		Table: []api.ExperimentMeasure{}, Promises: []api.ExperimentPromise{}, Answers: []api.ExperimentAnswer{}, Charts: chartsOf(r.Rounds),
		Replay: describeReplay(r),
	}
	for _, row := range r.Verdict.Table {
		m := api.ExperimentMeasure{ID: row.Measure.ID, Text: row.Measure.Text, Unit: row.Measure.Unit, Ratio: row.Ratio, Overlap: row.Overlap, Arms: []api.ExperimentSpread{}}
		for _, arm := range row.Arms {
			m.Arms = append(m.Arms, api.ExperimentSpread{Arm: arm.Arm, Median: arm.Median, Least: arm.Least, Most: arm.Most})
		}
		d.Table = append(d.Table, m)
	}
	for _, p := range r.Verdict.Promises {
		d.Promises = append(d.Promises, api.ExperimentPromise{
			Text: p.Promise.Text, Bound: r.Verdict.Bound(p), Measured: r.Verdict.Measured(p), Outcome: string(p.Outcome), Overlap: p.Overlap,
		})
	}
	for _, q := range r.Experiment.Predictions {
		if q.Slider != nil {
			d.Answers = append(d.Answers, api.ExperimentAnswer{Question: q.ID, Measured: r.Verdict.AnswerTo(*q.Slider)})
		}
	}
	return d
}

// describeReplay returns what was replayed and who was paged when, nil without a recording.
func describeReplay(r experiment.Result) *api.ExperimentReplay {
	recording := r.Experiment.Recording
	if recording == nil {
		return nil
	}
	d := api.ExperimentReplay{SampleSec: platform.ScrapeInterval.Seconds(), ErrorRatio: recording.ErrorRatios(), Pages: []api.ExperimentPage{}}
	for _, round := range r.Rounds {
		for _, page := range round.Pages {
			d.Pages = append(d.Pages, api.ExperimentPage{
				Arm: round.Arm, FromSec: time.Duration(page.From).Seconds(), ToSec: time.Duration(page.To).Seconds(),
			})
		}
	}
	return &d
}

func chartsOf(rounds []experiment.Round) []api.ExperimentChart {
	all := []api.ExperimentChart{}
	for _, r := range rounds {
		all = append(all, describeCharts(r.Arm, r.Number, r.Charts)...)
	}
	return all
}

func describeCharts(arm string, round int, charts []experiment.Chart) []api.ExperimentChart {
	all := []api.ExperimentChart{}
	for _, c := range charts {
		all = append(all, api.ExperimentChart{Arm: arm, Round: round, Stream: c.Stream, Due: c.Due, Good: c.Good, Refused: c.Refused, P95Ms: c.P95Ms})
	}
	return all
}
