package stack

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	maxUnprinted = 1 << 20     // bytes
	lastPrint    = time.Second // maximum time that close waits for a blocked writer
)

// printer writes text in the background in order. A blocked terminal must not block the processes, so text over maxUnprinted is dropped
// and counted.
type printer struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	pending []byte
	spare   []byte // the buffer that is not pending
	dropped int
}

func newPrinter(out io.Writer) *printer {
	return &printer{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// print queues text without blocking. It is safe for concurrent use, but must not be called after close.
func (p *printer) print(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pending)+len(text) > maxUnprinted {
		p.dropped++
		return
	}
	p.pending = append(p.pending, text...)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run writes until close.
func (p *printer) run() {
	defer close(p.done)
	for range p.wake {
		_, _ = p.out.Write(p.take()) // the terminal may be closed
	}
	_, _ = p.out.Write(p.take())
}

// take returns the pending text, which is valid until the next call.
func (p *printer) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.pending
	if p.dropped > 0 {
		text = fmt.Appendf(text, "(%d lines dropped: the terminal is too slow)\n", p.dropped)
		p.dropped = 0
	}
	p.pending, p.spare = p.spare[:0], text
	return text
}

// close waits until all text is written, at most lastPrint.
func (p *printer) close() {
	close(p.wake)
	select {
	case <-p.done:
	case <-time.After(lastPrint):
	}
}
