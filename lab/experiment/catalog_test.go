package experiment_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/experiment"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	catalog, err := experiment.Load()
	require.NoError(t, err)
	for _, e := range catalog {
		for _, code := range e.Code {
			text, err := os.ReadFile("../../" + code.File)
			require.NoError(t, err, e.ID)
			assert.Contains(t, string(text), code.Function, "%s: %s", e.ID, code.File)
		}
		assert.NotEmpty(t, e.Predictions, e.ID)
	}
}

const valid = `
id: retries
title: Retries
question: What if?
mirrors: [{ text: a book }]
arms:
  - { id: bad, label: Many, set: [{ component: experience-api, control: retry, option: fixed=3 }] }
  - { id: good, label: Few }
streams:
  - { name: details, call: detail, rates: [{ perSecond: 10, for: 20s }] }
disturbances:
  - { at: 5s, for: 5s, text: slow, set: [{ component: price-service, capacity: { capacity: 5 } }] }
measures:
  - { id: p95, text: p95, unit: ms, stream: details, value: p95, from: 5s, to: 10s }
promises:
  - { text: faster, measure: p95, arm: bad, over: good, above: 2 }
predictions:
  - { id: which, text: Which one, choices: [bad, good], answer: 1, why: it waits less }
  - id: ms
    text: How long?
    slider: { min: 0, max: 400, step: 20, unit: ms, answer: 120, tolerance: 40, measure: p95, arm: bad }
    why: it waits
`

func TestFaultsOfExperiments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, want string }{
		"no fault":             {"", "", ""},
		"other id":             {"id: retries", "id: other", `id: got "other", want retries, as the file is named`},
		"unknown field":        {"title: Retries", "title: Retries\ncolour: red", "colour: is an unknown field"},
		"one arm":              {"  - { id: good, label: Few }\n", "", "arms: must be at least two"},
		"component":            {"component: price-service", "component: prices", `disturbances[0].set[0].component: got "prices", want a component of the platform`},
		"capacity of the API":  {"component: price-service", "component: experience-api", "its component is no domain service"},
		"capacity below 1":     {"{ capacity: 5 }", "{ capacity: 0 }", `capacity: got "0", want a whole number from 1 to 100000`},
		"two kinds":            {"control: retry,", "control: retry, fault: { blackhole: true },", "arms[0].set[0]: must have one of control, capacity, fault"},
		"no option":            {", option: fixed=3", "", "must have both control and option, or neither"},
		"call":                 {"call: detail", "call: details", `streams[0].call: got "details", want one of list, detail, purchase`},
		"rate":                 {"perSecond: 10", "perSecond: 2000", "at most 3000 requests within the patience of 3s"},
		"neither model":        {", rates: [{ perSecond: 10, for: 20s }]", "", "streams[0]: must have either rates or clients"},
		"late disturbance":     {"at: 5s, for: 5s", "at: 15s, for: 9s", "an end before that of the load, 20s"},
		"window":               {"from: 5s, to: 10s", "from: 5s, to: 30s", "at most the length of the load, 20s"},
		"value":                {"value: p95", "value: p96", `measures[0].value: got "p96", want one of goodput`},
		"stream of measure":    {"stream: details, value", "stream: lists, value", `measures[0].stream: got "lists", want a stream of every arm`},
		"PromQL":               {"stream: details, value: p95", "query: 'sum('", `measures[0].query: got "sum("`},
		"measure of a promise": {"measure: p95, arm", "measure: p99, arm", `promises[0].measure: got "p99", want the id of a measure`},
		"arm of a promise":     {"over: good", "over: best", `promises[0].over: got "best", want the id of an arm, or nothing`},
		"no bound":             {", above: 2", "", "promises[0]: must have either above or below"},
		"choice":               {"answer: 1,", "answer: 2,", `predictions[0].answer: got 2, want the index of a choice`},
		"one choice":           {"[bad, good], answer: 1", "[bad], answer: 0", "predictions[0].choices: must be at least two"},
		"neither kind":         {"choices: [bad, good], answer: 1,", "", "predictions[0]: must have either choices or slider"},
		"both kinds":           {"    why: it waits\n", "    choices: [a, b]\n    why: it waits\n", "predictions[1]: must have either choices or slider"},
		"choice of a slider":   {"    why: it waits\n", "    answer: 1\n    why: it waits\n", `predictions[1].answer: got 1, want nothing`},
		"unknown slider field": {"tolerance: 40", "tolerance: 40, margin: 3", "predictions[1].slider.margin: is an unknown field"},
		"no range":             {"max: 400", "max: 0", `predictions[1].slider.max: got 0, want more than min, 0`},
		"no step":              {"step: 20", "step: 0", `predictions[1].slider.step: got 0, want more than 0`},
		"uneven steps":         {"step: 20", "step: 30", `predictions[1].slider.step: got 30, want a whole number of steps from min to max, at most 100`},
		"too many steps":       {"step: 20", "step: 1", `predictions[1].slider.step: got 1, want a whole number`},
		"answer outside":       {"answer: 120", "answer: 420", `predictions[1].slider.answer: got 420, want from min to max, 0 to 400`},
		"no tolerance":         {"tolerance: 40", "tolerance: 0", `predictions[1].slider.tolerance: got 0, want at least half a step`},
		"unit of a slider":     {"step: 20, unit: ms", "step: 20, unit: h", `predictions[1].slider.unit: got "h", want one of ratio, ms, s, per second, count, calls, times`},
		"other unit":           {"step: 20, unit: ms", "step: 20, unit: count", `predictions[1].slider.unit: got "count", want ms, the unit of what is measured`},
		"unit of a ratio":      {"measure: p95, arm: bad }", "measure: p95, arm: bad, over: good }", `predictions[1].slider.unit: got "ms", want times`},
		"measure of a slider":  {"tolerance: 40, measure: p95", "tolerance: 40, measure: p50", `predictions[1].slider.measure: got "p50", want the id of a measure`},
		"arm of a slider":      {"measure: p95, arm: bad }", "measure: p95, arm: worst }", `predictions[1].slider.arm: got "worst", want the id of an arm`},
		"arm without measure":  {"tolerance: 40, measure: p95", "tolerance: 40", "predictions[1].slider: has an arm but no measure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(valid, test.old, test.new, 1)
			files := fstest.MapFS{"retries.yaml": {Data: []byte(text)}, "retries.html": {Data: []byte("<p>Why.</p>")}}
			catalog, err := experiment.LoadFrom(files)
			if test.want == "" {
				require.NoError(t, err)
				assert.Equal(t, "<p>Why.</p>", catalog[0].Explanation)
				assert.Equal(t, experiment.WarmCards, catalog[0].Cards)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.Contains(t, err.Error(), "retries.yaml")
		})
	}
	_, err := experiment.LoadFrom(fstest.MapFS{"retries.yaml": {Data: []byte(valid)}})
	require.ErrorContains(t, err, "id: there is no page retries.html")
}

// TestLabsFollowThePath checks that the steps of docs/labs.md have experiments of the catalog, in the order of the path in docs/experiments.md.
func TestLabsFollowThePath(t *testing.T) {
	t.Parallel()
	catalog, err := experiment.Load()
	require.NoError(t, err)
	path := idsIn(t, "experiments.md", `(?m)^\|[^|]*\| `+"`"+`([a-z-]+)`+"`"+` \|[^|]*\|$`)
	steps := idsIn(t, "labs.md", `\*\*Experiment\.\*\* \[`+"`"+`([a-z-]+)`+"`"+`\]\(http://127\.0\.0\.1:3100/#/experiments/`)
	require.NotEmpty(t, steps)
	for i, id := range steps {
		_, known := catalog.Find(id)
		assert.True(t, known, "step %d of docs/labs.md: no experiment %s", i+1, id)
		at := slices.Index(path, id)
		require.GreaterOrEqual(t, at, 0, "step %d of docs/labs.md: %s comes before the step before in docs/experiments.md, or is not there", i+1, id)
		path = path[at+1:]
	}
}

// idsIn returns what a pattern finds in a document.
func idsIn(t *testing.T, document, pattern string) []string {
	t.Helper()
	text, err := fs.ReadFile(os.DirFS("../../docs"), document)
	require.NoError(t, err)
	var ids []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		ids = append(ids, match[1])
	}
	return ids
}
