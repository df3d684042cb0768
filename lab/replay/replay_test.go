package replay_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/testkit"
	"deals.example/lab/replay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const names = "experience_http_request_duration_seconds_count experience_http_request_errors_total\n"

func TestParse(t *testing.T) {
	t.Parallel()
	r, err := replay.Parse("x.txt", "# why\nrequests_total errors_total\n60 0\n# and\n50 25\n0 0\n")
	require.NoError(t, err)
	assert.Equal(t, replay.Recording{
		Requests: replay.Counter{Name: "requests_total", Added: []int{60, 50, 0}}, Errors: replay.Counter{Name: "errors_total", Added: []int{0, 25, 0}},
	}, r)
	assert.Equal(t, 6*time.Second, r.Length())
	assert.Equal(t, []float64{0, 0.5, 0}, r.ErrorRatios())
}

func TestFaultsOfRecordings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"empty":            {"", `x.txt:1: got "", want the names of two counters`},
		"one name":         {"# why\nrequests_total\n", `x.txt:2: got "requests_total", want the names of two counters`},
		"no name":          {"requests_total 5\n", `x.txt:1: got "requests_total 5", want the names of two counters`},
		"no samples":       {names, "x.txt: got 0 samples, want a whole number from 1 to 10800"},
		"a word":           {names + "60 0\n60 no\n", `x.txt:3: got "60 no", want the requests and errors of a scrape, such as "60 2"`},
		"a fraction":       {names + "60.5 0\n", `x.txt:2: got "60.5 0"`},
		"a decrease":       {names + "60 -1\n", `x.txt:2: got "60 -1"`},
		"three numbers":    {names + "60 0 0\n", `x.txt:2: got "60 0 0"`},
		"an empty line":    {names + "60 0\n\n", `x.txt:3: got ""`},
		"more errors":      {names + "60 61\n", `x.txt:2: got "60 61"`},
		"too many samples": {names + strings.Repeat("1 0\n", 10801), "x.txt: got 10801 samples"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := replay.Parse("x.txt", test.text)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// recorded returns a recording of 30 requests per second, in parts of some seconds in which a share of them fails.
func recorded(t *testing.T, parts ...part) replay.Recording {
	t.Helper()
	var text strings.Builder
	text.WriteString(names)
	for _, p := range parts {
		text.WriteString(strings.Repeat(fmt.Sprintf("60 %.0f\n", 60*p.share), p.seconds/2))
	}
	r, err := replay.Parse("x.txt", text.String())
	require.NoError(t, err)
	return r
}

type part struct {
	seconds int
	share   float64
}

func promtool(t *testing.T) (p *replay.Promtool, dir string) {
	t.Helper()
	dir = t.TempDir()
	p, err := replay.NewPromtool(testkit.Promtool(t), dir)
	require.NoError(t, err)
	return p, dir
}

func span(from, to time.Duration) replay.Span {
	return replay.Span{From: model.Duration(from), To: model.Duration(to)}
}

// TestPages evaluates rules with a real promtool. A rate over a minute of 30 requests per second is over 5 % after 3 s of errors, and until 3 s
// before the last of them leaves the window. Rules are evaluated every 4 s.
func TestPages(t *testing.T) {
	t.Parallel()
	const threshold = "sum(rate(experience_http_request_errors_total[1m])) / sum(rate(experience_http_request_duration_seconds_count[1m])) > 0.05"
	at := func(held time.Duration) func() (replay.Rules, error) {
		return func() (replay.Rules, error) { return replay.Threshold(threshold, model.Duration(held)) }
	}
	burnRate := func() (replay.Rules, error) { return replay.Objective("availability.lab-time") }
	blip := []part{{180, 0}, {6, 1}, {114, 0}}
	fault := []part{{300, 0}, {120, 0.5}}
	for name, test := range map[string]struct {
		rules func() (replay.Rules, error)
		parts []part
		want  []replay.Span
	}{
		"no errors":               {at(0), []part{{120, 0}}, []replay.Span{}},
		"a blip":                  {at(0), blip, []replay.Span{span(184*time.Second, 244*time.Second)}},
		"a blip, held":            {at(30 * time.Second), blip, []replay.Span{span(216*time.Second, 244*time.Second)}},
		"a blip, held for longer": {at(time.Minute), blip, []replay.Span{}},
		"two blips":               {at(0), append(blip, blip...), []replay.Span{span(184*time.Second, 244*time.Second), span(484*time.Second, 544*time.Second)}},
		"a blip, burn rate":       {burnRate, blip, []replay.Span{}},
		"a fault":                 {at(0), fault, []replay.Span{span(308*time.Second, 424*time.Second)}},
		"a fault, burn rate":      {burnRate, fault, []replay.Span{span(336*time.Second, 424*time.Second)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := test.rules()
			require.NoError(t, err)
			p, dir := promtool(t)
			pages, err := p.Pages(t.Context(), recorded(t, test.parts...), rules)
			require.NoError(t, err)
			assert.Equal(t, test.want, pages)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

func TestFaultsOfReplays(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx        context.Context //nolint:containedctx // of this call
		expr, want string
	}{
		"an expression that is no PromQL":      {t.Context(), "sum(", "parse error: unclosed left parenthesis"},
		"an expression that can't be computed": {t.Context(), `vector(1) * on () (vector(1) or label_replace(vector(1), "a", "b", "", ""))`, "rule: Threshold"},
		"an end before that of the replay":     {ended, "vector(1)", "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := replay.Threshold(test.expr, 0)
			require.NoError(t, err)
			p, dir := promtool(t)
			_, err = p.Pages(test.ctx, recorded(t, part{60, 0}), rules)
			require.ErrorContains(t, err, test.want)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

// TestOtherPrograms replays with programs that are no promtool, or an old one. It is not parallel: a process that another test starts meanwhile would
// keep the script open for writing, so that it can't be run.
func TestOtherPrograms(t *testing.T) {
	for name, test := range map[string]struct{ script, want string }{
		"no report":    {"echo unknown flag --junit >&2; exit 1", "no such file or directory: unknown flag --junit"},
		"no XML":       {"echo no > junit.xml", "promtool: EOF"},
		"no test":      {"echo '<testsuites></testsuites>' > junit.xml", "promtool: it reports no test"},
		"an error":     {"echo '<testsuites><testsuite><testcase><error>yaml: line 1</error></testcase></testsuite></testsuites>' > junit.xml", "promtool: yaml: line 1"},
		"another exit": {"echo out of memory; exit 2", "promtool: exit status 2: out of memory"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			binary := filepath.Join(dir, "promtool")
			require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\n"+test.script+"\n"), 0o700)) //nolint:gosec // G306: it is to be run
			p, err := replay.NewPromtool(binary, dir)
			require.NoError(t, err)
			rules, err := replay.Threshold("vector(1)", 0)
			require.NoError(t, err)
			_, err = p.Pages(t.Context(), recorded(t, part{60, 0}), rules)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestNewPromtool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := replay.NewPromtool(filepath.Join(dir, "promtool"), dir)
	require.ErrorIs(t, err, replay.ErrNoPromtool)

	left, other := filepath.Join(dir, "replay-1", "rules.yaml"), filepath.Join(dir, "timeline.json")
	for _, file := range []string{left, other} {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	}
	_, err = replay.NewPromtool(testkit.Promtool(t), dir)
	require.NoError(t, err)
	assert.NoDirExists(t, filepath.Dir(left), "a killed program left it")
	assert.FileExists(t, other)
}

func TestObjectives(t *testing.T) {
	t.Parallel()
	assert.Subset(t, replay.Objectives(), []string{"availability.lab-time", "latency.lab-time"})
	assert.NotContains(t, replay.Objectives(), "queue-depth.lab-time", "it has tickets only")
	for _, name := range []string{"queue-depth.lab-time", "indicators", "../rules/availability.lab-time", ""} {
		_, err := replay.Objective(name)
		require.Error(t, err, name)
	}
}
