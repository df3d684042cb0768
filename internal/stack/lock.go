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

// ErrRunning marks the start of a stack in a state directory where one runs already.
var ErrRunning = errors.New("already running")

const (
	lockFile     = "up.lock"
	maxLockBytes = 32
	dirMode      = 0o750
	fileMode     = 0o600
)

// lock makes the state directory this process's own until release is called or the process ends, however it ends: the
// kernel drops the lock. The file stays and holds the owner's process id, for the message that a second owner gets.
func lock(stateDir string) (release func(), err error) {
	file, err := os.OpenFile(filepath.Join(stateDir, lockFile), os.O_RDWR|os.O_CREATE, fileMode) //nolint:gosec // G304: the user names it
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
