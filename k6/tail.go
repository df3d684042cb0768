package k6

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

const (
	maxLines  = 20
	maxLine   = 500      // bytes
	tailBytes = 16 << 10 // at least maxLines * maxLine, and a little
)

// tail keeps the last of what is written to it and passes all of it on. It may be used concurrently.
type tail struct {
	next io.Writer // may be nil

	mu   sync.Mutex
	last bytes.Buffer
}

// Write implements io.Writer. It never fails: k6 must not end because nobody listens.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next != nil {
		_, _ = t.next.Write(text)
	}
	t.last.Write(text)
	if over := t.last.Len() - tailBytes; over > 0 {
		t.last.Next(over)
	}
	return len(text), nil
}

// lines returns the last lines that are not empty, the long ones shortened.
func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(t.last.String()) {
		line = strings.ToValidUTF8(strings.TrimRight(line, "\r\n"), "")
		if len(line) > maxLine {
			line = strings.ToValidUTF8(line[:maxLine], "") + "…"
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-maxLines):]
}
