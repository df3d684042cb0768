package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// marker is a file in each state, so that no other folder is taken for one.
const marker = ".machine"

// NewState makes the folder. One that a killed process left is made anew. It returns an error if the folder is in use, or is not a state.
func NewState(path string) (*State, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	return &State{path, lock}, os.WriteFile(filepath.Join(path, marker), nil, 0o600)
}

// removeStale removes a state that nobody uses. An empty folder and none are as good as one.
func removeStale(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(path, marker)); err != nil {
		return fmt.Errorf("%s: got a folder with other files, want one that does not exist", path)
	}
	lock, err := lockFolder(path)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	return os.RemoveAll(path)
}

// lockFolder takes the lock of a folder. It is held until the last process that has the file ends.
func lockFolder(path string) (*os.File, error) {
	folder, err := os.Open(path) //nolint:gosec // G304: the caller's
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = folder.Close()
		return nil, fmt.Errorf("%s is in use by another process", path)
	}
	return folder, nil
}

// Remove removes the folder, for a caller that starts no machine on it.
func (s *State) Remove() error { return errors.Join(os.RemoveAll(s.Path), s.lock.Close()) }
