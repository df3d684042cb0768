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
	for range connections {
		running.Go(func() {
			own, err := driveOne(ctx, target)
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

func driveOne(ctx context.Context, target *url.URL) (load, error) {
	var own load
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", target.Host)
	if err != nil {
		return own, err
	}
	defer func() { _ = connection.Close() }()
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target.RequestURI(), target.Host)
	reader := bufio.NewReaderSize(connection, 64<<10)
	for ctx.Err() == nil {
		start := time.Now()
		if _, err := connection.Write(request); err != nil {
			return own, err
		}
		status, err := readAnswer(reader)
		if err != nil {
			return own, err
		}
		own.latencies = append(own.latencies, time.Since(start))
		if status != "200" {
			own.failures++
		}
	}
	return own, nil
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
