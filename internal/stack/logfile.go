package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// maxLogFile is the maximum size of a log file in bytes. A process has at most two files.
const maxLogFile = 8 << 20

// logFile writes a process's output to <name>.log and renames a full file to <name>.log.1. It is safe for concurrent use.
type logFile struct {
	path  string
	limit int64

	mu     sync.Mutex
	file   *os.File
	size   int64
	broken bool
}

func openLog(dir, name string, limit int64) (*logFile, error) {
	l := &logFile{path: filepath.Join(dir, name+".log"), limit: limit}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *logFile) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return fmt.Errorf("open log: %w", err)
	}
	l.file, l.size = file, info.Size()
	return nil
}

// write appends a line. After the first error, which it returns, it drops all lines and returns nil: a full disk must not block the
// process.
func (l *logFile) write(line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		return nil
	}
	err := l.append(line)
	l.broken = err != nil
	return err
}

func (l *logFile) append(line []byte) error {
	if l.size > 0 && l.size+int64(len(line)) >= l.limit {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	written, err := l.file.Write(append(slices.Clip(line), '\n'))
	l.size += int64(written)
	if err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

func (l *logFile) rotate() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("rotate log: %w", err)
	}
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		return fmt.Errorf("rotate log: %w", err)
	}
	return l.open()
}

func (l *logFile) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = true
	return l.file.Close()
}
