package stack

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrRunning reports that another stack runs with the state directory.
var ErrRunning = errors.New("already running")

const (
	lockFile     = "up.lock"
	maxLockBytes = 32
	dirMode      = 0o750
	fileMode     = 0o600
)

// lock locks the state directory until release is called or the process ends; the kernel then releases the lock. The file remains. It
// contains the process id for the error of a second stack.
func lock(stateDir string) (release func(), err error) {
	file, err := os.OpenFile(filepath.Join(stateDir, lockFile), os.O_RDWR|os.O_CREATE, fileMode) //nolint:gosec // G304: chosen by the user
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = file.Close() }()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w (pid %s, state directory %s)", ErrRunning, owner(file), stateDir)
		}
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	if err := writeOwner(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

func owner(file io.Reader) string {
	text, err := io.ReadAll(io.LimitReader(file, maxLockBytes))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}

func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}
