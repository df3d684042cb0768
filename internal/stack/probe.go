package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	probeTimeout  = time.Second            // of one attempt
	probeInterval = 20 * time.Millisecond  // after the first attempt; grows
	probeSlowest  = 250 * time.Millisecond // maximum interval
	probeExcerpt  = 200                    // bytes of a response in an error
)

// Probe returns nil if a process is ready, otherwise the reason. It must return when ctx ends.
type Probe func(ctx context.Context) error

// HTTP returns a probe that succeeds if GET url is answered with a 2xx.
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

// await calls probe until it succeeds, and returns true, or ctx ends, and returns false. It passes each error to why.
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

// pause waits for d and returns true, or returns false if ctx ends first.
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
