package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const maxK6Metrics = 1 << 20 // bytes of a response of k6's REST API

// loadProgress prints the progress of a k6 process, read from its REST API.
type loadProgress struct {
	url    string
	takes  time.Duration
	out    io.Writer
	client *http.Client
	began  time.Time
}

func newLoadProgress(address string, takes time.Duration, out io.Writer) *loadProgress {
	return &loadProgress{
		url: "http://" + address + "/v1/metrics", takes: takes, out: out, began: time.Now(),
		client: &http.Client{Transport: &http.Transport{}, Timeout: time.Second},
	}
}

// until prints a line every two seconds until done is closed or ctx ends.
func (p *loadProgress) until(ctx context.Context, done <-chan struct{}) {
	defer p.client.CloseIdleConnections()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.line(ctx)
		case <-done:
			return
		case <-ctx.Done():
			fmt.Fprintln(p.out, "deals: stopping")
			return
		}
	}
}

// line prints the elapsed time, and the metrics when k6 answers.
func (p *loadProgress) line(ctx context.Context) {
	elapsed := time.Since(p.began).Round(time.Second)
	when := fmt.Sprintf("%4s of %s", elapsed, p.takes)
	if elapsed > p.takes {
		when = fmt.Sprintf("%4s, waiting for the last responses", elapsed)
	}
	metrics, err := p.read(ctx)
	if err != nil {
		fmt.Fprintln(p.out, when)
		return
	}
	requests, latency, failed := metrics["http_reqs"], metrics["http_req_duration"], metrics["http_req_failed"]
	fmt.Fprintf(p.out, "%s  %.0f requests, %.0f per second, p95 %.1f ms, %.1f %% failed\n",
		when, requests["count"], requests["rate"], latency["p(95)"], failed["rate"]*100)
}

// read returns the values of k6's metrics, by metric and name.
func (p *loadProgress) read(ctx context.Context) (map[string]map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var body struct {
		Data []struct {
			ID         string `json:"id"`
			Attributes struct {
				Sample map[string]float64 `json:"sample"`
			} `json:"attributes"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxK6Metrics)).Decode(&body); err != nil {
		return nil, err
	}
	metrics := make(map[string]map[string]float64, len(body.Data))
	for _, metric := range body.Data {
		metrics[metric.ID] = metric.Attributes.Sample
	}
	return metrics, nil
}
