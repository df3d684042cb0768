package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// load is the result of drive.
type load struct {
	took      time.Duration
	latencies []time.Duration // sorted
	failures  int             // responses other than 200
}

func (l load) rps() float64 { return float64(len(l.latencies)) / l.took.Seconds() }

func (l load) quantile(q float64) time.Duration {
	if len(l.latencies) == 0 {
		return 0
	}
	return l.latencies[min(int(q*float64(len(l.latencies))), len(l.latencies)-1)]
}

// drive sends GET requests over the connections in a closed loop. It implements a minimal HTTP client to use little CPU time.
func drive(tb testing.TB, address string, connections int, lasts time.Duration) load {
	tb.Helper()
	return driveAt(tb, address, connections, 0, lasts)
}

// driveAt sends GET requests at a constant rate a second, over the connections in turn (open model). A latency counts from when the request
// should have been sent, so that a pause of the server is seen by all requests that fall into it. A rate of 0 is a closed loop, whose
// latencies count from the sending. A %d in the address is replaced by a number from 1 to deals.
func driveAt(tb testing.TB, address string, connections int, rate float64, lasts time.Duration) load {
	tb.Helper()
	target, err := url.Parse(address)
	require.NoError(tb, err)
	ctx, cancel := context.WithTimeout(tb.Context(), lasts)
	defer cancel()
	var (
		mu      sync.Mutex
		all     load
		running sync.WaitGroup
	)
	start := time.Now()
	for n := range connections {
		turn := schedule{}
		if rate > 0 {
			every := time.Duration(float64(time.Second) / rate)
			turn = schedule{next: start.Add(time.Duration(n) * every), every: time.Duration(connections) * every}
		}
		running.Go(func() {
			own, err := driveOne(ctx, target, n, turn)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				tb.Errorf("load on %s: %v", address, err)
			}
			all.latencies = append(all.latencies, own.latencies...)
			all.failures += own.failures
		})
	}
	running.Wait()
	all.took = time.Since(start)
	slices.Sort(all.latencies)
	return all
}

// schedule is when a connection sends. A zero schedule means at once.
type schedule struct {
	next  time.Time
	every time.Duration
}

// wait waits until the next request is due, and returns when it was.
func (s *schedule) wait(ctx context.Context) time.Time {
	if s.every == 0 {
		return time.Now()
	}
	due := s.next
	s.next = due.Add(s.every)
	if early := time.Until(due); early > 0 {
		select {
		case <-time.After(early):
		case <-ctx.Done():
		}
	}
	return due
}

const deals = 220 // deals that are asked for in turn

func driveOne(ctx context.Context, target *url.URL, n int, turn schedule) (load, error) {
	var own load
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", target.Host)
	if err != nil {
		return own, err
	}
	defer func() { _ = connection.Close() }()
	before, after, varies := strings.Cut(target.RequestURI(), "%25d")
	reader := bufio.NewReaderSize(connection, 64<<10)
	for ; ; n += 7 {
		due := turn.wait(ctx)
		if ctx.Err() != nil {
			return own, nil
		}
		path := before
		if varies {
			path = fmt.Sprintf("%s%05d%s", before, n%deals+1, after)
		}
		if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, target.Host); err != nil {
			return own, err
		}
		status, err := readAnswer(reader)
		if err != nil {
			return own, err
		}
		own.latencies = append(own.latencies, time.Since(due))
		if status != "200" {
			own.failures++
		}
	}
}

// readAnswer reads a response with Content-Length and returns its status.
func readAnswer(reader *bufio.Reader) (status string, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if first {
			status = string(bytes.Fields(line)[1])
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return "", err
			}
		}
	}
	_, err = reader.Discard(length)
	return status, err
}
