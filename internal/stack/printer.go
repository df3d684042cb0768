package stack

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	maxUnprinted = 1 << 20     // bytes
	lastPrint    = time.Second // how long the end waits for a writer that stands still
)

// printer writes text in the background, in the order in which it comes. A terminal that stands still must not make the
// processes stand still that want to write their logs, so what it doesn't take is dropped and counted, beyond a bound.
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

// print never blocks. It may be called concurrently, but not after close.
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
		_, _ = p.out.Write(p.take()) // a terminal that is gone leaves nobody to tell
	}
	_, _ = p.out.Write(p.take())
}

// take returns all that is pending; it is the caller's until the next take.
func (p *printer) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.pending
	if p.dropped > 0 {
		text = fmt.Appendf(text, "(%d lines are not shown: the terminal was too slow)\n", p.dropped)
		p.dropped = 0
	}
	p.pending, p.spare = p.spare[:0], text
	return text
}

// close waits until all is written, but not for long.
func (p *printer) close() {
	close(p.wake)
	select {
	case <-p.done:
	case <-time.After(lastPrint):
	}
}
