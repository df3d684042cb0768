package slodashboard_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTopology(t *testing.T) {
	graph := get(t, run(t, traffic().play(t).URL, nil), "/api/topology")
	tests := map[string]struct {
		path []string
		want any
	}{
		"clients send":            {[]string{"edges", "clients>experience-api", "rps"}, 10.0},
		"errors of clients":       {[]string{"edges", "clients>experience-api", "failurePct"}, 5.0},
		"errors are bad":          {[]string{"edges", "clients>experience-api", "severity"}, "bad"},
		"calls of the API":        {[]string{"edges", "experience-api>price-service", "rps"}, 4.0},
		"one of four fails":       {[]string{"edges", "experience-api>price-service", "failurePct"}, 25.0},
		"404 is no error":         {[]string{"edges", "experience-api>rating-lb", "failurePct"}, 0.0},
		"half-open is watch":      {[]string{"edges", "experience-api>rating-lb", "severity"}, "watch"},
		"breaker closed":          {[]string{"edges", "experience-api>price-service", "breaker"}, "closed"},
		"breaker open":            {[]string{"edges", "experience-api>merchant-service", "breaker"}, "open"},
		"without calls no rate":   {[]string{"edges", "experience-api>merchant-service", "rps"}, nil},
		"open is bad":             {[]string{"edges", "experience-api>merchant-service", "severity"}, "bad"},
		"calls of the worker":     {[]string{"edges", "enrichment-worker>price-service", "rps"}, 2.0},
		"no calls of the catalog": {[]string{"edges", "enrichment-worker>deal-service", "rps"}, nil},
		"cards found":             {[]string{"edges", "experience-api>redis", "hitPct"}, 75.0},
		"jobs to the queue":       {[]string{"edges", "redis>enrichment-jobs", "rps"}, 4.0},
		"jobs in the queue":       {[]string{"edges", "redis>enrichment-jobs", "depth"}, 60.0},
		"lag":                     {[]string{"edges", "redis>enrichment-jobs", "lagSec"}, 30.0},
		"attempts":                {[]string{"edges", "enrichment-jobs>enrichment-worker", "rps"}, 2.5},
		"one of five is retried":  {[]string{"edges", "enrichment-jobs>enrichment-worker", "failurePct"}, 20.0},
		"a replica":               {[]string{"edges", "rating-lb>rating-service-a", "rps"}, 2.0},
		"its p95":                 {[]string{"edges", "rating-lb>rating-service-a", "p95Ms"}, 1000 * math.Pow(2, -3+0.95)},
		"a silent replica":        {[]string{"edges", "rating-lb>rating-service-b", "rps"}, nil},
		"up":                      {[]string{"nodes", "experience-api", "up"}, true},
		"replicas":                {[]string{"nodes", "experience-api", "replicas"}, 2.0},
		"silent replicas":         {[]string{"nodes", "experience-api", "silent"}, 1.0},
		"none is silent":          {[]string{"nodes", "price-service", "silent"}, 0.0},
		"start not known":         {[]string{"nodes", "price-service", "startedSec"}, nil},
		"down":                    {[]string{"nodes", "merchant-service", "up"}, false},
		"down is bad":             {[]string{"nodes", "merchant-service", "severity"}, "bad"},
		"not scraped":             {[]string{"nodes", "redis", "up"}, nil},
		"unknown":                 {[]string{"nodes", "deal-service", "severity"}, "unknown"},
		"rate of a service":       {[]string{"nodes", "price-service", "rps"}, 6.0},
		"failures of a service":   {[]string{"nodes", "price-service", "failurePct"}, 5.0},
		"fault":                   {[]string{"nodes", "price-service", "fault", "latencyMinMs"}, 35.0},
		"no fault known":          {[]string{"nodes", "deal-service", "fault"}, nil},
		"capacity of replicas":    {[]string{"nodes", "price-service", "capacity"}, 32.0},
		"busy":                    {[]string{"nodes", "price-service", "busy"}, 32.0},
		"waiting":                 {[]string{"nodes", "price-service", "waiting"}, 8.0},
		"some wait":               {[]string{"nodes", "price-service", "loadPct"}, 125.0},
		"time waited":             {[]string{"nodes", "price-service", "waitP95Ms"}, 1000 * math.Pow(2, -3+0.95)},
		"no capacity known":       {[]string{"nodes", "deal-service", "capacity"}, nil},
		"a limit":                 {[]string{"edges", "experience-api>price-service", "limit"}, 20.0},
		"in flight":               {[]string{"edges", "experience-api>price-service", "inFlight"}, 20.0},
		"wait for the limit":      {[]string{"edges", "experience-api>price-service", "waiting"}, 3.0},
		"no limit":                {[]string{"edges", "experience-api>rating-lb", "limit"}, nil},
		"in flight without limit": {[]string{"edges", "experience-api>rating-lb", "inFlight"}, 7.0},
		"catalog cache":           {[]string{"nodes", "experience-api", "cachePct"}, 75.0},
		"dead jobs":               {[]string{"nodes", "critical-jobs", "dead"}, 3.0},
		"late":                    {[]string{"nodes", "critical-jobs", "severity"}, "bad"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := graph.at(t, tc.path...)
			if number, ok := tc.want.(float64); ok {
				near(t, number, got, name)
				return
			}
			assert.Equal(t, tc.want, got)
		})
	}
}
