package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// supervisor starts programs and notices the end of each.
type supervisor struct {
	logs  string
	ended chan error // the first end
}

// start runs a program and returns when it is ready. Its output goes to a file.
func (s *supervisor) start(ctx context.Context, p program) error {
	fmt.Fprintf(os.Stderr, "  %s\n", p.name())
	file := filepath.Join(s.logs, p.name()+".log")
	log, err := os.Create(file) //nolint:gosec // G304: in our folder
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, p.path, p.args...) //nolint:gosec // G204: a program of the cluster
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name(), err)
	}
	go func() {
		err := command.Wait()
		_ = log.Close()
		select {
		case s.ended <- fmt.Errorf("%s ended: %w\n%s", p.name(), orNothing(err), tail(file)):
		default: // another one has ended before
		}
	}()
	if p.ready == nil {
		return nil
	}
	return s.wait(ctx, p)
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("without an error")
	}
	return err
}

// wait returns when the program is ready. If it takes too long, the error says what it wrote last.
func (s *supervisor) wait(ctx context.Context, p program) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		err := p.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case ended := <-s.ended:
			return ended
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s: %w\n%s", p.name(), readyWithin, err, tail(filepath.Join(s.logs, p.name()+".log")))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tail returns the end of a file.
func tail(file string) []byte {
	const most = 2000
	text, err := os.ReadFile(file) //nolint:gosec // G304: in our folder
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-most):]
}
