// Package slo turns the service level objectives of specs/ and the alert windows of windows/ into Prometheus rules, and the indicators
// of indicators.yaml into rules, Go and TypeScript.
//
// Specs and windows are written in the formats of Sloth (sloth.dev), prometheus/v1 and AlertWindows, and the rules have the names and labels that
// Sloth would give them, so that Sloth itself and the dashboards made for it fit. The rules are committed in rules/.
package slo

// The generator runs as a test: cmd/deals imports the Go that it writes.
//
//go:generate go test . -run TestGeneratedFilesAreCurrent -update

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Folders of a catalog.
const (
	specsDir   = "specs"
	windowsDir = "windows"
	rulesDir   = "rules"
	extension  = ".yaml"
)

// Catalog is all objectives, and all sets of windows that each of them is watched over.
type Catalog struct {
	specs      []source[Spec]
	windows    []source[Windows]
	indicators *indicators // nil when there are none
}

// source is a file and what was read from it.
type source[T any] struct {
	*document
	value T
}

// Load reads specs/*.yaml, windows/*.yaml and indicators.yaml. The error joins one Fault for each mistake in any of them.
func Load(root fs.FS) (Catalog, error) {
	specs, specsErr := loadAll(root, specsDir, parseSpec)
	windows, windowsErr := loadAll(root, windowsDir, parseWindows)
	indicators, indicatorsErr := loadIndicators(root)
	c := Catalog{specs: specs, windows: windows, indicators: indicators}
	if err := errors.Join(specsErr, windowsErr, indicatorsErr); err != nil {
		return Catalog{}, err
	}
	if err := c.check(); err != nil {
		return Catalog{}, err
	}
	return c, nil
}

func loadAll[T any](root fs.FS, dir string, parse func(file string, data []byte) (*document, T)) ([]source[T], error) {
	files, err := fs.Glob(root, path.Join(dir, "*"+extension))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	if len(files) == 0 {
		return nil, Fault{File: dir, Reason: "has no " + extension + " file"}
	}
	var faults []error
	sources := make([]source[T], 0, len(files))
	for _, file := range files {
		data, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, fmt.Errorf("read objectives: %w", err)
		}
		document, value := parse(file, data)
		faults = append(faults, document.err())
		sources = append(sources, source[T]{document, value})
	}
	return sources, errors.Join(faults...)
}

func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), extension) }

// check finds what is wrong between files that are good by themselves.
func (c Catalog) check() error {
	var faults []error
	definedIn := map[string]string{} // file by id
	for _, spec := range c.specs {
		for i, objective := range spec.value.SLOs {
			path := fmt.Sprintf("slos[%d]", i)
			for _, windows := range c.windows {
				if why := windows.value.unreachable(objective); why != "" {
					spec.fault(path+".objective", "with "+windows.file+", "+why)
				}
				id := newIdentity(spec.value, objective, windows.value).id
				if first, taken := definedIn[id]; taken {
					spec.fault(path+".name", fmt.Sprintf("makes the id %s, which %s has already", id, first))
				}
				definedIn[id] = spec.file
			}
		}
		faults = append(faults, spec.err())
	}
	return errors.Join(faults...)
}

// File is a generated file.
type File struct {
	Name    string // relative to the catalog, such as rules/availability.30d.yaml
	Content []byte
}

// Files returns the rules of each spec over each set of windows, a file for each pair, and what is generated from the indicators.
func (c Catalog) Files() ([]File, error) {
	files := make([]File, 0, len(c.specs)*len(c.windows))
	for _, spec := range c.specs {
		for _, windows := range c.windows {
			content, err := render(Rules(spec.value, windows.value), spec.file, windows.file)
			if err != nil {
				return nil, fmt.Errorf("rules of %s over %s: %w", spec.file, windows.file, err)
			}
			name := nameOf(spec.file) + "." + nameOf(windows.file) + extension
			files = append(files, File{Name: path.Join(rulesDir, name), Content: content})
		}
	}
	if c.indicators == nil {
		return files, nil
	}
	more, err := c.indicators.files()
	if err != nil {
		return nil, fmt.Errorf("indicators: %w", err)
	}
	return append(files, more...), nil
}
