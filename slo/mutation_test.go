package slo_test

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sync/errgroup"

	"deals.example/internal/testkit"
)

// A flag of the test binary.
var oneIn = flag.Int("mutants", 0, "test the rules' tests with one in this many mutants of the rules, always the same ones; takes minutes") //nolint:gochecknoglobals // as package flag wants it

// maxEvaluations is how many rules a test may evaluate to be run against mutants: about half a second. The slower tests are left out, so the
// score is a lower bound.
const maxEvaluations = 10_000

// wantCaught is the least share of mutants that the tests must catch.
const wantCaught = 0.95

// TestMutants changes one thing at a time in the rules, such as a burn rate, a window, an operator or a label, and runs promtool's tests of the
// rules against each mutant. A mutant that fails a test is caught. Survivors are printed.
func TestMutants(t *testing.T) {
	t.Parallel()
	if *oneIn <= 0 {
		t.Skip("runs with -mutants=1, as make mutants does")
	}
	tests := testsByRules(t)
	mutated, survived := 0, 0
	for _, file := range committedFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) { //nolint:paralleltest // each uses all processors
			tried, left := mutate(t, file, tests[filepath.Base(file)])
			mutated, survived = mutated+tried, survived+left
		})
	}
	score := 1 - float64(survived)/float64(mutated)
	t.Logf("mutation score: %.1f %% (%d of %d caught, at least %g %% wanted)", 100*score, mutated-survived, mutated, 100*wantCaught)
	assert.GreaterOrEqual(t, score, wantCaught)
}

// mutate runs the tests of a rules file against its mutants, and returns how many it tried and how many survived.
func mutate(t *testing.T, file string, tests []ruleTests) (tried, survived int) {
	t.Helper()
	unchanged := []mutant{{file: file, groups: committed(t, file)}}
	require.Len(t, survivors(t, unchanged, tests), 1, "the rules fail their tests")
	mutants, equivalent, err := mutantsOf(file, committed(t, file))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same sample each time
	mutants = slices.DeleteFunc(mutants, func(mutant) bool { return random.IntN(*oneIn) != 0 })
	alerts, recordings := split(mutants, func(m mutant) bool { return m.alerts })
	ofAlerts, _ := split(tests, func(test ruleTests) bool { return test.alerts })
	left := slices.Concat(survivors(t, recordings, tests), survivors(t, alerts, ofAlerts)) // nothing is recorded from alerts
	t.Logf("%d of %d mutants caught", len(mutants)-len(left), len(mutants))
	for reason, n := range equivalent {
		t.Logf("%d not tried: %s", n, reason)
	}
	for _, one := range left {
		t.Logf("survived: %s: %s", one.rule, one.change)
	}
	return len(mutants), len(left)
}

// ruleTests is the part of a test file that says what it tests and how long that takes.
type ruleTests struct {
	file      string
	alerts    bool           // it looks at alerts
	RuleFiles []string       `yaml:"rule_files"`
	Interval  model.Duration `yaml:"evaluation_interval"`
	Tests     []struct {
		Expressions []evaluation `yaml:"promql_expr_test"`
		Alerts      []evaluation `yaml:"alert_rule_test"`
	} `yaml:"tests"`
}

type evaluation struct {
	At model.Duration `yaml:"eval_time"`
}

// evaluations returns how often the tests evaluate the rules.
func (r ruleTests) evaluations() (n int) {
	for _, test := range r.Tests {
		last := model.Duration(0)
		for _, evaluation := range append(test.Expressions, test.Alerts...) {
			last = max(last, evaluation.At)
		}
		n += 1 + int(last/r.Interval)
	}
	return n
}

// testsByRules returns the test files by the rules file that they test: those of recorded series before those of alerts, which cost more, and
// those with the fewest evaluations first.
func testsByRules(t *testing.T) map[string][]ruleTests {
	t.Helper()
	files, err := filepath.Glob("tests/*.yaml")
	require.NoError(t, err)
	all := make([]ruleTests, len(files))
	for i, file := range files {
		all[i].file = file
		content := read(t, file)
		all[i].alerts = bytes.Contains(content, []byte("ALERTS")) || bytes.Contains(content, []byte("alert_rule_test"))
		require.NoError(t, yaml.Unmarshal(content, &all[i]))
	}
	rules := map[string]int{}
	for _, file := range committedFiles(t) {
		for _, group := range committed(t, file) {
			rules[filepath.Base(file)] += len(group.Rules)
		}
	}
	all = slices.DeleteFunc(all, func(test ruleTests) bool {
		return test.evaluations()*rules[filepath.Base(test.RuleFiles[0])] > maxEvaluations
	})
	slices.SortStableFunc(all, func(a, b ruleTests) int {
		if a.alerts != b.alerts {
			return cmp.Compare(strconv.FormatBool(a.alerts), strconv.FormatBool(b.alerts))
		}
		return cmp.Compare(a.evaluations(), b.evaluations())
	})
	byRules := map[string][]ruleTests{}
	for _, test := range all {
		for _, rules := range test.RuleFiles {
			byRules[filepath.Base(rules)] = append(byRules[filepath.Base(rules)], test)
		}
	}
	return byRules
}

func split[T any](all []T, is func(T) bool) (those, others []T) {
	for _, one := range all {
		if is(one) {
			those = append(those, one)
		} else {
			others = append(others, one)
		}
	}
	return those, others
}

// survivors returns the mutants that pass all tests. Those that pass one are tried with the next.
func survivors(t *testing.T, mutants []mutant, tests []ruleTests) []mutant {
	t.Helper()
	const batch = 25 // mutants per process of promtool, which takes longer to start than to run a test
	for _, test := range tests {
		batches := slices.Collect(slices.Chunk(mutants, batch))
		passed := make([][]mutant, len(batches))
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, batch := range batches {
			group.Go(func() (err error) {
				passed[i], err = passing(t, batch, test.file)
				return err
			})
		}
		require.NoError(t, group.Wait())
		mutants = slices.Concat(passed...)
	}
	return mutants
}

// passing returns the mutants that pass a test. Each gets a directory in which the test finds its rules as in the repository.
func passing(t *testing.T, mutants []mutant, test string) ([]mutant, error) {
	t.Helper()
	root := t.TempDir()
	defer func() { _ = os.RemoveAll(root) }()
	report := filepath.Join(root, "report.xml")
	args := []string{"test", "rules", "--junit=" + report}
	for i, one := range mutants {
		file := filepath.Join(root, strconv.Itoa(i), "slo", test)
		if err := one.write(filepath.Join(root, strconv.Itoa(i), "slo"), test); err != nil {
			return nil, err
		}
		args = append(args, file)
	}
	command := exec.CommandContext(t.Context(), testkit.Promtool(t), args...) //nolint:gosec // the test names it
	command.Env = append(command.Environ(), "GOMAXPROCS=1", "GOGC=off", "GOMEMLIMIT=256MiB")
	output, err := command.CombinedOutput()
	var result struct {
		Suites []struct {
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
		} `xml:"testsuite"`
	}
	content, readErr := os.ReadFile(report) //nolint:gosec // written by promtool
	if readErr != nil || xml.Unmarshal(content, &result) != nil || len(result.Suites) != len(mutants) {
		t.Errorf("promtool: %v\n%s", err, output)
		return nil, readErr
	}
	var passed []mutant
	for i, suite := range result.Suites {
		if suite.Failures+suite.Errors == 0 {
			passed = append(passed, mutants[i])
		}
	}
	return passed, nil
}

// write writes the mutated rules and the test into dir, which stands for the repository's slo/.
func (m mutant) write(dir, test string) error {
	rules := filepath.Join(dir, m.file)
	for _, file := range []string{rules, filepath.Join(dir, test)} {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return err
		}
	}
	content, err := yaml.Marshal(rulesFile{m.groups})
	if err != nil {
		return err
	}
	if err := os.WriteFile(rules, content, 0o600); err != nil {
		return err
	}
	original, err := filepath.Abs(test)
	if err != nil {
		return err
	}
	return os.Symlink(original, filepath.Join(dir, test))
}
