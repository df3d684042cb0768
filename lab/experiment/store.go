package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// KeptRuns is how many runs of each experiment a store keeps.
const KeptRuns = 20

const (
	resultSuffix = ".json"
	reportSuffix = ".html"
)

var validRun = regexp.MustCompile(`^\d{8}-\d{6}-[a-z0-9-]{1,64}$`)

// ErrNoRun is returned for a run that the store does not have.
var ErrNoRun = errors.New("no such run")

// Store keeps the results of runs, with their reports, in a folder.
type Store struct {
	dir string
}

// NewStore returns the store in a folder, which is created if missing.
func NewStore(dir string) (*Store, error) {
	const mode = 0o750
	if err := os.MkdirAll(dir, mode); err != nil {
		return nil, fmt.Errorf("folder of experiments: %w", err)
	}
	return &Store{dir}, nil
}

// Add keeps a result and its report, and drops the oldest runs of the same experiment. A file is there as a whole or not at all.
func (s *Store) Add(r Result) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	page, err := report(r)
	if err != nil {
		return err
	}
	if err := errors.Join(s.write(r.ID+reportSuffix, page), s.write(r.ID+resultSuffix, text)); err != nil {
		return err
	}
	runs, err := s.Runs(r.Experiment.ID)
	for _, old := range runs[min(KeptRuns, len(runs)):] {
		err = errors.Join(err, os.Remove(s.path(old+resultSuffix)), os.Remove(s.path(old+reportSuffix)))
	}
	return err
}

func (s *Store) write(name string, data []byte) error {
	part := s.path(name + ".part")
	if err := os.WriteFile(part, data, 0o600); err != nil {
		return err
	}
	return os.Rename(part, s.path(name))
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// Runs returns the ids of an experiment's runs, newest first.
func (s *Store) Runs(experiment string) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var runs []string
	for _, entry := range entries {
		id, is := strings.CutSuffix(entry.Name(), resultSuffix)
		if is && validRun.MatchString(id) && id[len(runStamp)+1:] == experiment {
			runs = append(runs, id)
		}
	}
	slices.Sort(runs)
	slices.Reverse(runs)
	return runs, nil
}

// Get returns the result of a run.
func (s *Store) Get(run string) (Result, error) {
	var r Result
	text, err := s.read(run, resultSuffix)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("decode the run %s: %w", run, err)
	}
	return r, nil
}

// Report returns the page of a run.
func (s *Store) Report(run string) ([]byte, error) { return s.read(run, reportSuffix) }

// read reads a file of a run. Only names of runs are ever opened.
func (s *Store) read(run, suffix string) ([]byte, error) {
	if !validRun.MatchString(run) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, run)
	}
	text, err := os.ReadFile(s.path(run + suffix))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrNoRun, run)
	}
	return text, err
}
