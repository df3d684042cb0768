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

// ErrExists says that the folder of the report is there already.
var ErrExists = errors.New("exists already")

// checkFree says that nothing is where the report is to be, before the work for it begins.
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

// write makes the folder: whole, or not at all.
func write(dir string, files map[string]func(io.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), dirMode); err != nil {
		return err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), ".flame-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }() // what was renamed is not there any more
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
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode) //nolint:gosec // G304: in the folder that was just made
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
