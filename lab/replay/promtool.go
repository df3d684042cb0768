package replay

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"deals.example/internal/platform"
)

// ErrNoPromtool is returned when promtool is not found.
var ErrNoPromtool = errors.New("promtool is neither beside this program nor on PATH: make build builds it")

// timeout bounds a replay. One of an hour with the rules of an objective takes some seconds on an idle machine.
const timeout = 5 * time.Minute

// Promtool evaluates rules. It may be used concurrently.
type Promtool struct {
	binary, dir string
}

// NewPromtool finds promtool: the binary if it is not empty, else the one beside this program, else the one on PATH. Its files are in folders of
// dir, which must exist; those that a killed program left are removed. It returns ErrNoPromtool when there is none.
func NewPromtool(binary, dir string) (*Promtool, error) {
	found, err := find(binary)
	if err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(dir, folders))
	for _, old := range left {
		err = errors.Join(err, os.RemoveAll(old))
	}
	return &Promtool{found, dir}, err
}

// folders is the pattern of the names of folders.
const folders = "replay-*"

func find(binary string) (string, error) {
	if binary != "" {
		path, err := exec.LookPath(binary)
		if err != nil {
			return "", fmt.Errorf("%w (%w)", ErrNoPromtool, err)
		}
		return filepath.Abs(path)
	}
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), "promtool")); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("promtool")
	if err != nil {
		return "", ErrNoPromtool
	}
	return path, nil
}

// Span is from when to when an alert fires, from the start of the recording.
type Span struct {
	From model.Duration `json:"from"`
	To   model.Duration `json:"to"`
}

// firing selects the alerts that page somebody now.
const firing = `ALERTS{alertstate="firing", ` + severity + `="` + paging + `"}`

// unitTest is a file of promtool's unit tests for rules.
type unitTest struct {
	RuleFiles []string       `yaml:"rule_files"`
	Every     model.Duration `yaml:"evaluation_interval"`
	Order     []string       `yaml:"group_eval_order"`
	Tests     []testCase     `yaml:"tests"`
}

type testCase struct {
	Interval model.Duration `yaml:"interval"`
	Input    []series       `yaml:"input_series"`
	Checks   []check        `yaml:"promql_expr_test"`
}

type series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// check expects that an expression has no value.
type check struct {
	Expr string         `yaml:"expr"`
	At   model.Duration `yaml:"eval_time"`
}

const (
	rulesName = "rules.yaml"
	testName  = "test.yaml"
	junitName = "junit.xml"
)

// Pages returns the spans in which the rules page somebody, in order. It runs a unit test that expects no page at any evaluation: those that fail
// are pages.
func (p *Promtool) Pages(ctx context.Context, r Recording, rules Rules) ([]Span, error) {
	dir, err := os.MkdirTemp(p.dir, folders)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	test, err := yaml.Marshal(newTest(r, rules))
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	const mode = 0o600
	if err := errors.Join(os.WriteFile(filepath.Join(dir, rulesName), rules.text, mode), os.WriteFile(filepath.Join(dir, testName), test, mode)); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	failed, err := p.test(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return joined(failed, rules.every)
}

func newTest(r Recording, rules Rules) unitTest {
	test := testCase{Interval: model.Duration(platform.ScrapeInterval)}
	for _, c := range []Counter{r.Requests, r.Errors} {
		test.Input = append(test.Input, series{c.Name, c.values()})
	}
	for at := model.Duration(0); at <= model.Duration(r.Length()); at += rules.every {
		test.Checks = append(test.Checks, check{firing, at})
	}
	return unitTest{[]string{rulesName}, rules.every, rules.groups, []testCase{test}}
}

// test runs the unit test in dir, and returns what promtool says of each check that failed.
func (p *Promtool) test(ctx context.Context, dir string) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("promtool did not end within %s", timeout))
	defer cancel()
	command := exec.CommandContext(ctx, p.binary, "test", "--junit="+junitName, "rules", testName) //nolint:gosec // G204: our own program
	command.Dir = dir
	output, runErr := command.CombinedOutput()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if exited, is := errors.AsType[*exec.ExitError](runErr); runErr != nil && (!is || exited.ExitCode() != 1) {
		return nil, fmt.Errorf("promtool: %w: %.500s", runErr, output)
	}
	failures, err := readReport(filepath.Join(dir, junitName))
	if err != nil {
		return nil, fmt.Errorf("promtool: %w: %.500s", err, output)
	}
	return failures, nil
}

// readReport returns the failures of the only test of a JUnit report.
func readReport(file string) ([]string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // G304: in a folder of our own
	if err != nil {
		return nil, err
	}
	var report struct {
		Suites []struct {
			Cases []struct {
				Failures []string `xml:"failure"`
				Error    string   `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &report); err != nil {
		return nil, err
	}
	if len(report.Suites) != 1 || len(report.Suites[0].Cases) != 1 {
		return nil, errors.New("it reports no test")
	}
	only := report.Suites[0].Cases[0]
	if only.Error != "" {
		return nil, errors.New(only.Error)
	}
	return only.Failures, nil
}

// failedAt matches what promtool says of a check that failed, and nothing else, such as an error of a rule.
var failedAt = regexp.MustCompile(`^\s*expr: "[^\n]*", time: (\w+),\n\s*exp: nil\n\s*got: `)

// joined returns the times of failed checks as spans. A span ends with the first evaluation that did not fail.
func joined(failures []string, every model.Duration) ([]Span, error) {
	spans := []Span{}
	for _, failure := range failures {
		said := failedAt.FindStringSubmatch(failure)
		if said == nil {
			return nil, fmt.Errorf("promtool: %.500s", failure)
		}
		at, err := model.ParseDuration(said[1])
		if err != nil {
			return nil, fmt.Errorf("promtool: %w", err)
		}
		if last := len(spans) - 1; last >= 0 && spans[last].To == at {
			spans[last].To = at + every
		} else {
			spans = append(spans, Span{at, at + every})
		}
	}
	return spans, nil
}
