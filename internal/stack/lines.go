package stack

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds the bytes kept of one line of output.
const maxLine = 16 << 10

// readLines calls each with every line of r, without its end, until r ends. Of a line longer than maxLine it passes the
// start, and how much is missing. The bytes are each's only during the call.
func readLines(r io.Reader, each func(line []byte)) {
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

// skipLine reads to the end of the line, and says how many bytes that was.
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
