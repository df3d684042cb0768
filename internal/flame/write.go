package flame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	dirMode  = 0o750
	fileMode = 0o600
)

// ErrExists is returned when the folder of the report exists.
var ErrExists = errors.New("already exists")

// CheckDir returns an error when no report can be written to dir, such as ErrExists. Callers check it before they do the work for one.
func CheckDir(dir string) error {
	probe, err := create(dir)
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// create makes the folder above dir and, in it, the one that becomes dir.
func create(dir string) (string, error) {
	switch _, err := os.Lstat(dir); {
	case err == nil:
		return "", fmt.Errorf("%s %w", dir, ErrExists)
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), dirMode); err != nil {
		return "", err
	}
	return os.MkdirTemp(filepath.Dir(dir), ".flame-")
}

// write creates the folder with all its files, or leaves nothing.
func write(dir string, files map[string]func(io.Writer) error) (err error) {
	made, err := create(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }() // gone after the rename
	for name, content := range files {
		if err := writeFile(filepath.Join(made, name), content); err != nil {
			return err
		}
	}
	return os.Rename(made, dir)
}

func writeFile(path string, content func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode) //nolint:gosec // G304: in the folder made above
	if err != nil {
		return err
	}
	if err := content(file); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), file.Close())
	}
	return file.Close()
}

func asJSON(value any) func(io.Writer) error {
	return func(out io.Writer) error {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(value)
	}
}
