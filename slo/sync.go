package slo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

const (
	fileMode = 0o644 // Prometheus reads them and may run as another user
	dirMode  = 0o755
)

// Drift is a generated file that differs from what its sources generate.
type Drift struct {
	File      string // relative to the catalog
	got, want []byte // nil: no such file
}

// Check returns the generated files of the catalog in dir that are missing, out of date or no longer needed.
func Check(dir string) ([]Drift, error) {
	root := os.DirFS(dir)
	catalog, err := Load(root)
	if err != nil {
		return nil, err
	}
	files, err := catalog.Files()
	if err != nil {
		return nil, err
	}
	there, err := generated(root)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if path.Dir(file.Name) == rulesDir {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file.Name))) //nolint:gosec // a name of ours
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read generated file: %w", err)
		}
		there = append(there, File{file.Name, content})
	}
	return drifts(files, there), nil
}

// generated returns the generated rules files in root.
func generated(root fs.FS) ([]File, error) {
	names, err := fs.Glob(root, path.Join(rulesDir, "*"+extension))
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	var files []File
	for _, name := range names {
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, fmt.Errorf("read rules: %w", err)
		}
		if bytes.HasPrefix(content, []byte(header)) {
			files = append(files, File{name, content})
		}
	}
	return files, nil
}

func drifts(want, got []File) []Drift {
	stale := make(map[string][]byte, len(got))
	for _, file := range got {
		stale[file.Name] = file.Content
	}
	var found []Drift
	for _, file := range want {
		if there := stale[file.Name]; !bytes.Equal(there, file.Content) {
			found = append(found, Drift{File: file.Name, got: there, want: file.Content})
		}
		delete(stale, file.Name)
	}
	for _, file := range got {
		if content, is := stale[file.Name]; is {
			found = append(found, Drift{File: file.Name, got: content})
		}
	}
	return found
}

// Generate writes the generated files of the catalog in dir and returns the files that it changed. It removes generated rules whose spec
// or windows no longer exist. It does not touch other files.
func Generate(dir string) ([]Drift, error) {
	found, err := Check(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, rulesDir), dirMode); err != nil {
		return nil, fmt.Errorf("make rules directory: %w", err)
	}
	for _, drift := range found {
		if err := drift.settle(dir); err != nil {
			return nil, fmt.Errorf("write rules: %w", err)
		}
	}
	return found, nil
}

func (d Drift) settle(dir string) error {
	file := filepath.Join(dir, filepath.FromSlash(d.File))
	if d.want == nil {
		return os.Remove(file)
	}
	return os.WriteFile(file, d.want, fileMode)
}
