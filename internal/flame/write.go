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

// CheckDir returns an error when no report can be written to dir, such as ErrExists. Callers check it before they do the work for one. It
// leaves nothing behind.
func CheckDir(dir string) error {
	if err := checkFree(dir); err != nil {
		return err
	}
	above := filepath.Dir(dir)
	for checkFree(above) == nil && above != filepath.Dir(above) {
		above = filepath.Dir(above)
	}
	probe, err := os.MkdirTemp(above, ".flame-")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

func checkFree(dir string) error {
	switch _, err := os.Lstat(dir); {
	case err == nil:
		return fmt.Errorf("%s %w", dir, ErrExists)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// write creates the folder with all its files, or leaves nothing.
func write(dir string, files map[string]func(io.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), dirMode); err != nil {
		return err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), ".flame-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }() // gone after the rename
	for name, content := range files {
		if err := writeFile(filepath.Join(made, name), content); err != nil {
			return err
		}
	}
	if err := checkFree(dir); err != nil {
		return err
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
