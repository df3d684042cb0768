// Package slo generates Prometheus rules from the objectives in specs/ and the alert windows in windows/. It also generates rules, Go and
// TypeScript from indicators.yaml.
//
// Specs use Sloth's prometheus/v1 format and windows use its AlertWindows format (sloth.dev). The rules have Sloth's names and labels, so
// dashboards made for Sloth work with them. The generated rules are committed in rules/.
package slo

// The generator runs as a test because cmd/deals imports the Go code that it generates.
//
//go:generate go test . -run TestGeneratedFilesAreCurrent -update

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"deals.example/internal/strict"
)

// Directories of a catalog.
const (
	specsDir   = "specs"
	windowsDir = "windows"
	rulesDir   = "rules"
	extension  = ".yaml"
)

// Catalog holds all specs, all sets of alert windows, and the indicators. Each spec is combined with each set of windows.
type Catalog struct {
	specs      []source[Spec]
	windows    []source[Windows]
	indicators *indicators // nil if there are none
}

// document is a file being read, and the checks of what it may contain.
type document struct{ *strict.Document }

func decode(file string, data []byte, into any) document {
	return document{strict.YAML(file, data, into)}
}

// source is a file and its parsed value.
type source[T any] struct {
	document
	value T
}

// Load reads specs/*.yaml, windows/*.yaml and indicators.yaml. The error joins one strict.Fault for each mistake in these files.
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

func loadAll[T any](root fs.FS, dir string, parse func(file string, data []byte) (document, T)) ([]source[T], error) {
	files, err := fs.Glob(root, path.Join(dir, "*"+extension))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	if len(files) == 0 {
		return nil, strict.Fault{Where: dir, What: "contains no " + extension + " file"}
	}
	var faults []error
	sources := make([]source[T], 0, len(files))
	for _, file := range files {
		data, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, fmt.Errorf("read objectives: %w", err)
		}
		document, value := parse(file, data)
		faults = append(faults, document.Err())
		sources = append(sources, source[T]{document, value})
	}
	return sources, errors.Join(faults...)
}

func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), extension) }

// check reports conflicts between files that are valid by themselves.
func (c Catalog) check() error {
	var faults []error
	definedIn := map[string]string{} // file by id
	for _, spec := range c.specs {
		for i, objective := range spec.value.SLOs {
			path := fmt.Sprintf("slos[%d]", i)
			for _, windows := range c.windows {
				if why := windows.value.unreachable(objective); why != "" {
					spec.Fault(path+".objective", "with "+windows.File+": "+why)
				}
				id := newIdentity(spec.value, objective, windows.value).id
				if first, taken := definedIn[id]; taken {
					spec.Fault(path+".name", fmt.Sprintf("the id %s is already used in %s", id, first))
				}
				definedIn[id] = spec.File
			}
		}
		faults = append(faults, spec.Err())
	}
	return errors.Join(faults...)
}

// File is a generated file.
type File struct {
	Name    string // relative to the catalog, such as rules/availability.30d.yaml
	Content []byte
}

// Files returns one rules file for each pair of a spec and a set of windows, and the files generated from the indicators.
func (c Catalog) Files() ([]File, error) {
	files := make([]File, 0, len(c.specs)*len(c.windows))
	for _, spec := range c.specs {
		for _, windows := range c.windows {
			content, err := render(Rules(spec.value, windows.value), spec.File, windows.File)
			if err != nil {
				return nil, fmt.Errorf("rules of %s over %s: %w", spec.File, windows.File, err)
			}
			name := nameOf(spec.File) + "." + nameOf(windows.File) + extension
			files = append(files, File{Name: path.Join(rulesDir, name), Content: content})
		}
	}
	if c.indicators == nil {
		return files, nil
	}
	more, err := c.indicators.files(c.windows)
	if err != nil {
		return nil, fmt.Errorf("indicators: %w", err)
	}
	return append(files, more...), nil
}
