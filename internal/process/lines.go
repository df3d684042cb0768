package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// maxLine is how many bytes of a line are kept.
const maxLine = 16 << 10

// ReadLines calls each with every line of r, without its end, until r ends. A line longer than 16 KiB is cut, and says by
// how much. The bytes belong to each only during the call.
func ReadLines(r io.Reader, each func(line []byte)) {
	buffered := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := buffered.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			start := bytes.Clone(line)
			var dropped int
			dropped, err = skipLine(buffered)
			line = fmt.Appendf(start, "… (%d bytes more)", dropped)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 || err == nil {
			each(line)
		}
		if err != nil {
			return
		}
	}
}

// skipLine reads to the end of the line and returns how many bytes that was.
func skipLine(r *bufio.Reader) (int, error) {
	dropped := 0
	for {
		rest, err := r.ReadSlice('\n')
		dropped += len(bytes.TrimRight(rest, "\r\n"))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return dropped, err
		}
	}
}

// Tail keeps the last lines that are not blank. Its methods may be called concurrently.
type Tail struct {
	max int

	mu    sync.Mutex
	lines []string
}

// NewTail returns a Tail of at most max lines.
func NewTail(maxLines int) *Tail { return &Tail{max: maxLines} }

// Add appends a line.
func (t *Tail) Add(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == t.max {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, string(line))
}

// Take returns the lines, oldest first, and forgets them.
func (t *Tail) Take() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines
	t.lines = nil
	return lines
}
