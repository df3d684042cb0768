package k6_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/k6"
)

func TestCatalogIsThatOfTheSpecification(t *testing.T) {
	catalog, err := k6.Load()
	require.NoError(t, err)
	var ids []string
	for _, scenario := range catalog {
		ids = append(ids, scenario.ID)
		assert.Equal(t, scenario.ID == "normal", scenario.Default, scenario.ID)
		assert.InDelta(t, 1, scenario.Intensity.Default, 0, scenario.ID)
		assert.True(t, scriptRange().Contains(scenario.Intensity.Min) && scriptRange().Contains(scenario.Intensity.Max), "%s: the scripts take no such intensity", scenario.ID)
	}
	assert.Equal(t, []string{"normal", "spike", "chaotic", "high-throughput", "enqueue-10k", "hash-bad", "hash-good"}, ids)
}

// scriptRange is what k6/lib/settings.ts takes as INTENSITY.
func scriptRange() k6.Range { return k6.Range{Min: 0.1, Default: 1, Max: 10} }

func TestEveryScriptIsInTheCatalog(t *testing.T) {
	catalog, err := k6.Load()
	require.NoError(t, err)
	scripts, err := fs.Glob(k6.Files, "scenarios/*.ts")
	require.NoError(t, err)
	for _, script := range scripts {
		id := strings.TrimSuffix(path.Base(script), ".ts")
		scenario, found := catalog.Find(id)
		assert.True(t, found, script)
		assert.Equal(t, script, scenario.Script())
	}
	_, found := catalog.Find("no-such")
	assert.False(t, found)
}

const sound = `
scenarios:
  - id: some
    label: Some
    summary: Something.
    explanation: What it does.
    lookFor: What to see.
    intensity: { min: 0.5, default: 1, max: 2 }
    lasts: 1h
    expectations:
      - { id: seen, text: It is seen., query: sum(up), above: 1, within: 1m30s, for: 5s, recoversWithin: 10s }
`

func load(text string) (k6.Catalog, error) {
	return k6.LoadFrom(fstest.MapFS{
		"scenarios/catalog.yaml": &fstest.MapFile{Data: []byte(text)},
		"scenarios/some.ts":      &fstest.MapFile{Data: []byte("export default function () {}")},
	})
}

func TestLoad(t *testing.T) {
	catalog, err := load(sound)
	require.NoError(t, err)
	require.Len(t, catalog, 1)
	expectation := catalog[0].Expectations[0]
	assert.Equal(t, model.Duration(90*time.Second), expectation.Within)
	assert.True(t, expectation.Met(1.1))
	assert.False(t, expectation.Met(1))

	text, err := json.Marshal(catalog[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"some","label":"Some","summary":"Something.","explanation":"What it does.","lookFor":"What to see.","default":false,
		"intensity":{"min":0.5,"default":1,"max":2},"lasts":"1h","expectations":[
		{"id":"seen","text":"It is seen.","query":"sum(up)","above":1,"within":"1m30s","for":"5s","recoversWithin":"10s"}]}`, string(text))
}

func TestBoundBelow(t *testing.T) {
	catalog, err := load(strings.Replace(sound, "above", "below", 1))
	require.NoError(t, err)
	assert.True(t, catalog[0].Expectations[0].Met(0.9))
	assert.False(t, catalog[0].Expectations[0].Met(1))
	assert.False(t, k6.Expectation{}.Met(0))
}

func TestFaultsOfACatalog(t *testing.T) {
	_, lists, _ := strings.Cut(sound, "max: 2 }\n")
	tests := map[string]struct {
		old, new string // in a sound catalog
		want     string
	}{
		"no script":           {"id: some", "id: other", "catalog.yaml:3: scenarios[0].id: there is no script scenarios/other.ts"},
		"no id":               {"id: some", "id: ''", `scenarios[0].id: got "", want lower-case words, joined by hyphens`},
		"climbing id":         {"id: some", "id: ../some", `scenarios[0].id: got "../some", want`},
		"no text":             {"label: Some", "label: ' '", "catalog.yaml:4: scenarios[0].label: is empty"},
		"not PromQL":          {"sum(up)", "sum(up", `scenarios[0].expectations[0].query: got "sum(up", want PromQL (`},
		"no number":           {"sum(up)", `"up[5m]"`, `query: got "up[5m]", want PromQL whose result is one number, not a matrix`},
		"two bounds":          {"above: 1", "above: 1, below: 2", "scenarios[0].expectations[0]: must have either above or below"},
		"no bound":            {"above: 1, ", "", "scenarios[0].expectations[0]: must have either above or below"},
		"no time":             {"within: 1m30s", "within: 0s", "scenarios[0].expectations[0].within: got 0s, want more than 0s"},
		"negative time":       {"for: 5s", "for: -5s", `scenarios[0].expectations[0].for: got "-5s", want a duration such as`},
		"endless":             {"lasts: 1h", "", "scenarios[0].lasts: got 0s, want more than 0s"},
		"bad range":           {"min: 0.5", "min: 5", "scenarios[0].intensity: got \"min 5, default 1, max 2\", want 0 < min <= default <= max"},
		"no intensity":        {"intensity: { min: 0.5, default: 1, max: 2 }", "", "scenarios[0].intensity: got \"min 0, default 0, max 0\""},
		"unknown field":       {"label:", "title:", "scenarios[0].title: is an unknown field"},
		"not YAML":            {"scenarios:", "scenarios: [", "scenarios/catalog.yaml: yaml: "},
		"no expectation":      {lists, "", "scenarios[0].expectations: is empty"},
		"nothing":             {sound, "scenarios: []", "scenarios: is empty"},
		"no expectation's id": {"{ id: seen,", "{", `scenarios[0].expectations[0].id: got ""`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound, test.old)
			_, err := load(strings.Replace(sound, test.old, test.new, 1))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	text := strings.NewReplacer("label: Some", "label: ''", "sum(up)", "sum(").Replace(sound)
	text += strings.ReplaceAll(strings.TrimPrefix(sound, "\nscenarios:"), "intensity:", "default: true\n    intensity:")
	text = strings.Replace(text, "intensity:", "default: true\n    intensity:", 1)
	_, err := load(text)
	require.Error(t, err)
	for _, fault := range []string{
		"scenarios[0].label: is empty", `scenarios[0].expectations[0].query: got "sum("`, `scenarios[1].id: got "some", want each id once`,
		"scenarios[1].default: is true already for another scenario",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestNoCatalog(t *testing.T) {
	_, err := k6.LoadFrom(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}
