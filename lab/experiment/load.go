package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/internal/strict"
	"deals.example/lab/experiments"
)

// defaultPatience is how long the clients of a stream wait for an answer, if the stream does not say.
const defaultPatience = 3 * time.Second

// Load returns the catalog that the program brings along.
func Load() (Catalog, error) { return LoadFrom(experiments.Files) }

// LoadFrom reads the experiments of a folder. The error joins one strict.Fault for each mistake.
func LoadFrom(fsys fs.FS) (Catalog, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var catalog Catalog
	var faults []error
	for _, file := range files {
		e, err := read(fsys, file)
		catalog, faults = append(catalog, e), append(faults, err)
	}
	slices.SortFunc(catalog, func(a, b Experiment) int { return cmp.Or(a.Order-b.Order, strings.Compare(a.ID, b.ID)) })
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	return catalog, nil
}

// read reads an experiment and its explanation.
func read(fsys fs.FS, file string) (Experiment, error) {
	var e Experiment
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return e, err
	}
	v := newValidator(strict.YAML(file, text, &e))
	v.Want(e.ID+".yaml" == file, "id", e.ID, strings.TrimSuffix(file, ".yaml")+", as the file is named")
	page, err := fs.ReadFile(fsys, strings.TrimSuffix(file, ".yaml")+".html")
	v.Expect(err == nil, "id", "there is no page "+e.ID+".html, which go generate makes of "+e.ID+".md")
	e.Explanation = string(page)
	e.fillDefaults()
	v.recording(fsys, &e)
	v.experiment(e)
	return e, v.Err()
}

func (e *Experiment) fillDefaults() {
	e.Cards = cmp.Or(e.Cards, WarmCards)
	complete(e.Streams)
	for i := range e.Arms {
		complete(e.Arms[i].Streams)
	}
}

func complete(streams []Stream) {
	for i := range streams {
		streams[i].Patience = cmp.Or(streams[i].Patience, model.Duration(defaultPatience))
	}
}
