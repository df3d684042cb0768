package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	probeTimeout  = time.Second            // of one try
	probeInterval = 20 * time.Millisecond  // between the first tries
	probeSlowest  = 250 * time.Millisecond // between later ones
	probeExcerpt  = 200                    // bytes of an answer quoted as the reason
)

// Probe tells whether a process is ready: nil when it is, else why not. It must end with ctx.
type Probe func(ctx context.Context) error

// HTTP is the probe of a server that answers GET url with a 2xx status when it is ready.
func HTTP(url string) Probe {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("probe %s: %w", url, err)
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode/100 == 2 {
			return nil
		}
		excerpt, err := io.ReadAll(io.LimitReader(response.Body, probeExcerpt))
		if err != nil {
			return fmt.Errorf("%s: %w", response.Status, err)
		}
		return fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(excerpt)))
	}
}

// TCP is the probe of a server that is ready once it accepts connections at address.
func TCP(address string) Probe {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// await tries probe until it says ready (true) or ctx ends (false). It tells each reason for not being ready to why.
func await(ctx context.Context, probe Probe, why func(error)) bool {
	if probe == nil {
		return true
	}
	interval := probeInterval
	for ctx.Err() == nil {
		err := tryOnce(ctx, probe)
		if err == nil {
			return true
		}
		if !errors.Is(err, context.Canceled) {
			why(err)
		}
		if !pause(ctx, interval) {
			return false
		}
		interval = min(interval*5/4, probeSlowest)
	}
	return false
}

func tryOnce(ctx context.Context, probe Probe) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return probe(ctx)
}

// pause waits for d, or until ctx ends; it says whether it waited to the end.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
