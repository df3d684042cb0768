package experiment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
	"deals.example/lab/experiment"
	"deals.example/lab/replay"
)

// replays returns an engine that has only promtool, and fails if it asks or changes anything of a platform.
func replays(t *testing.T) *experiment.Engine {
	t.Helper()
	promtool, err := replay.NewPromtool(testkit.Promtool(t), t.TempDir())
	require.NoError(t, err)
	return experiment.New(experiment.Deps{
		Admin: &platform{broken: errors.New("the platform is changed")}, Promtool: promtool, Missing: errors.New("there is no k6"),
		Ask: func(context.Context, string, time.Time) (*float64, error) {
			return nil, errors.New("the platform is asked")
		},
		Pause: func(context.Context, string) (func(context.Context), error) {
			return nil, errors.New("scenarios are paused")
		},
	})
}

const validReplay = `
id: alerts
title: Alerts
question: Who is paged?
mirrors: [{ text: a book }]
replay: alerts.txt
arms:
  - { id: any, label: Any error, alert: { expr: "rate(errors[10s]) > 0" } }
  - { id: held, label: Held, alert: { expr: "rate(errors[10s]) > 0", for: 20s } }
disturbances:
  - { at: 60s, for: 30s, text: errors }
measures:
  - { id: wrong, text: false pages, unit: count, value: false-pages }
  - { id: soon, text: time to page, unit: s, value: time-to-page }
promises:
  - { text: no false pages, measure: wrong, arm: held, below: 0 }
`

// alerts returns the experiment above with a recording: a minute with errors in some of its 30 samples, and half a minute of errors.
func alerts(t *testing.T, quiet string, fault int) experiment.Experiment {
	t.Helper()
	const well, failing = "10 0\n", "10 5\n"
	samples := strings.NewReplacer("-", well, "!", failing).Replace(quiet)
	text := "requests errors\n" + samples + strings.Repeat(failing, fault) + strings.Repeat(well, 15-fault)
	catalog, err := experiment.LoadFrom(replayFiles(validReplay, text))
	require.NoError(t, err)
	return catalog[0]
}

func replayFiles(yaml, samples string) fstest.MapFS {
	return fstest.MapFS{
		"alerts.yaml": {Data: []byte(yaml)}, "alerts.html": {Data: []byte("<p>Why.</p>")}, "alerts.txt": {Data: []byte(samples)},
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quiet string // a minute
		fault int    // samples with errors after it
		wrong float64
		soon  *float64
	}{
		"no errors at all":     {strings.Repeat("-", 30), 0, 0, nil},
		"two blips":            {"-----!---------!--------------", 15, 2, new(4.0)},
		"only a blip":          {"-----!------------------------", 0, 1, nil},
		"paged when it starts": {"---------------------------!!!", 15, 1, new(0.0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var phases []experiment.Phase
			result, err := replays(t).Run(t.Context(), alerts(t, test.quiet, test.fault), experiment.Options{Repeats: 3, Quick: true}, func(p experiment.Progress) {
				phases = append(phases, p.Phase)
			})
			require.NoError(t, err)
			require.Len(t, result.Rounds, 2, "one round of each arm")
			assert.Equal(t, [2]any{1, false}, [2]any{result.Repeats, result.Quick})
			assert.Equal(t, []experiment.Phase{experiment.Replaying, experiment.Replaying}, phases)
			assert.Equal(t, test.wrong, *result.Rounds[0].Values["wrong"]) //nolint:testifylint // counts
			assert.Equal(t, test.soon, result.Rounds[0].Values["soon"])
			assert.InDelta(t, 0, *result.Rounds[1].Values["wrong"], 0)
			assert.True(t, result.Verdict.Kept())
		})
	}
}

// TestAlerting runs the experiment of the catalog with the platform's rules.
func TestAlerting(t *testing.T) {
	t.Parallel()
	catalog, err := experiment.Load()
	require.NoError(t, err)
	e, known := catalog.Find("alerting")
	require.True(t, known)
	result, err := replays(t).Run(t.Context(), e, experiment.Options{}, func(experiment.Progress) {})
	require.NoError(t, err)
	for _, p := range result.Verdict.Promises {
		assert.Equal(t, experiment.Met, p.Outcome, "%s: got %s, want %s", p.Promise.Text, result.Verdict.Measured(p), result.Verdict.Bound(p))
	}
	got := map[string][2]float64{}
	for _, round := range result.Rounds {
		got[round.Arm] = [2]float64{*round.Values["false-pages"], *round.Values["time-to-page"]}
	}
	assert.Equal(t, map[string][2]float64{"at-once": {5, 8}, "half-minute": {5, 40}, "two-minutes": {0, 128}, "burn-rate": {0, 40}}, got, "as the explanation says")

	store, err := experiment.NewStore(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, store.Add(result))
	kept, err := store.Get(result.ID)
	require.NoError(t, err)
	assert.Equal(t, e.Length(), kept.Experiment.Length(), "the recording is kept")
	assert.Equal(t, result.Rounds[3].Pages, kept.Rounds[3].Pages)
	page, err := store.Report(result.ID)
	require.NoError(t, err)
	for _, part := range []string{
		"5 of 5 promises met.", `<polyline class="ratio" points="48.0,`, "<title>Burn rate over two windows: from 1h40s to ", `<rect class="arm3"`,
		"the samples of lab/experiments/alerting.txt, 1h8m long, replayed", "pages by the platform&#39;s rules in slo/rules/availability.lab-time.yaml", "40 s",
	} {
		assert.True(t, strings.Contains(string(page), part), part) //nolint:testifylint // the page is too long for a message
	}
	assert.False(t, strings.Contains(string(page), "seed 1"), "nothing is drawn") //nolint:testifylint // the same
}

func TestReplaysThatFail(t *testing.T) {
	t.Parallel()
	e := alerts(t, strings.Repeat("-", 30), 1)
	without := experiment.New(experiment.Deps{NoPromtool: replay.ErrNoPromtool})
	_, err := without.Run(t.Context(), e, experiment.Options{}, nil)
	require.ErrorIs(t, err, experiment.ErrUnready)
	require.ErrorIs(t, err, replay.ErrNoPromtool)
	require.ErrorIs(t, without.Missing(e), replay.ErrNoPromtool)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = replays(t).Run(ctx, e, experiment.Options{}, func(experiment.Progress) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "arm any, round 1: replay: ")
}

func TestReplaysTakeSeconds(t *testing.T) {
	t.Parallel()
	e := alerts(t, strings.Repeat("-", 30), 1)
	assert.Equal(t, 90*time.Second, e.Length())
	assert.Equal(t, 6*time.Second, experiment.Options{Repeats: 3, Quick: true}.Takes(e))
	assert.Equal(t, 3*time.Second, experiment.Options{Arm: "held"}.Takes(e))
}

func TestFaultsOfReplays(t *testing.T) {
	t.Parallel()
	const alert = `alert: { expr: "rate(errors[10s]) > 0", for: 20s }`
	for name, test := range map[string]struct{ old, new, want string }{
		"no fault":          {"", "", ""},
		"no samples":        {"alerts.txt", "other.txt", `replay: got "other.txt", want a file of recorded samples beside the experiment`},
		"another folder":    {"alerts.txt", "../alerts.txt", `replay: got "../alerts.txt", want a file of recorded samples`},
		"wrong samples":     {"alerts.txt", "alerts.html", `replay: alerts.html:1: got "<p>Why.</p>", want the names of two counters`},
		"samples inside":    {"replay: alerts.txt", "replay: alerts.txt\nrecording: {}", "recording: is an unknown field"},
		"setup":             {"arms:", "setup: [{ component: experience-api, control: retry, option: none }]\narms:", "setup: must be absent in a replay"},
		"streams":           {"arms:", "streams: [{ name: a, call: list, clients: 1, for: 1s }]\narms:", "streams: must be absent in a replay"},
		"settings of arms":  {alert, alert + ", set: [{ component: price-service }]", "arms[1].set: must be absent in a replay"},
		"streams of arms":   {alert, alert + ", streams: [{ name: a }]", "arms[1].streams: must be absent in a replay"},
		"no alert":          {", " + alert, "", "arms[1].alert: is missing"},
		"an empty alert":    {alert, "alert: {}", "arms[1].alert: must have either expr or rules"},
		"two alerts":        {"for: 20s", "rules: availability.lab-time", "arms[1].alert: must have either expr or rules"},
		"PromQL":            {alert, "alert: { expr: rate(errors) }", `arms[1].alert.expr: got "rate(errors)", want PromQL`},
		"rules":             {alert, "alert: { rules: queue-depth.lab-time }", `arms[1].alert.rules: got "queue-depth.lab-time", want one of availability.30d, availability.lab-time`},
		"rules that wait":   {alert, "alert: { rules: availability.lab-time, for: 5s }", "arms[1].alert.for: goes with expr"},
		"a negative wait":   {"for: 20s", "for: -20s", "arms[1].alert.for"},
		"no disturbance":    {"disturbances:\n  - { at: 60s, for: 30s, text: errors }\n", "", "disturbances: must be one in a replay"},
		"two disturbances":  {"disturbances:\n", "disturbances:\n  - { at: 1s, for: 2s, text: a blip }\n", "disturbances: must be one in a replay"},
		"a late fault":      {"at: 60s", "at: 70s", `disturbances[0].for: got 30s, want an end before that of the load, 1m30s`},
		"a setting":         {"text: errors }", "text: errors, set: [{ component: price-service }] }", "disturbances[0].set: must be absent in a replay"},
		"value":             {"value: false-pages", "value: p95", `measures[0].value: got "p95", want one of false-pages, time-to-page`},
		"window":            {"value: time-to-page", "value: time-to-page, to: 60s", "measures[1]: must have only a value in a replay"},
		"stream":            {"value: time-to-page", "value: time-to-page, stream: lists", "measures[1]: must have only a value in a replay"},
		"unit":              {"unit: s,", "unit: h,", `measures[1].unit: got "h", want one of ratio, ms, s, per second`},
		"pages without one": {"replay: alerts.txt\n", "streams: [{ name: a, call: list, clients: 1, for: 90s }]\n", "arms[0].alert: goes with replay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog, err := experiment.LoadFrom(replayFiles(strings.Replace(validReplay, test.old, test.new, 1), "requests errors\n"+strings.Repeat("10 0\n", 45)))
			if test.want == "" {
				require.NoError(t, err)
				assert.Equal(t, model.Duration(20*time.Second), catalog[0].Arms[1].Alert.For)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.Contains(t, err.Error(), "alerts.yaml")
		})
	}
}
