package slodashboard_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestHashSides records lists that take up to 1 s while bad hashes run, and up to 0.25 s while good ones run.
func TestHashSides(t *testing.T) {
	const badFrom, badTo, goodFrom, goodTo = 180, 480, 540, 840 // seconds; the moments are whole tens
	between := func(from, to, perSecond float64) func(float64) float64 {
		return func(s float64) float64 { return perSecond * (min(max(s, from), to) - from) }
	}
	r := newRecording()
	const durations = "experience_http_request_duration_seconds"
	r.histogram(durations, []bucket{
		{-2, func(s float64) float64 { return 20 * (s - between(badFrom, badTo, 1)(s)) }},
		{-1, func(float64) float64 { return 0 }},
		{0, between(badFrom, badTo, 10)},
	}, "route", "/api/deals", "status", "200")
	r.histogram(durations, []bucket{{0, between(badFrom, badTo, 2)}}, "route", "/api/heavy-hash/bad", "status", "200")
	r.histogram(durations, []bucket{{-1, between(goodFrom, goodTo, 3)}}, "route", "/api/heavy-hash/good", "status", "200")
	r.values(durations+"_count", between(goodFrom, goodTo, 5), "route", "/api/heavy-hash/good", "status", "429")
	// At the client the same lists take up to 2 s while bad hashes run, as they wait before the server's clock starts.
	r.histogram("k6_http_req_duration_seconds", []bucket{{1, between(badFrom, badTo, 10)}}, "name", "/api/deals", "scenario", "normal")
	r.histogram("k6_http_req_duration_seconds", []bucket{{3, between(badFrom, badTo, 10)}}, "name", "/api/deals/:id", "scenario", "normal")
	hash := get(t, run(t, r.play(t).URL, nil), "/api/hash")

	p95 := func(upper float64) float64 { return upper * math.Pow(2, 0.95-1) }
	near(t, badTo-badFrom, hash.at(t, "bad", "seenSec"), "bad ran")
	near(t, p95(1000), hash.at(t, "bad", "listP95Ms"), "lists meanwhile")
	near(t, p95(2000), hash.at(t, "bad", "clientListP95Ms"), "as k6 measures them")
	assert.Nil(t, hash.at(t, "good", "clientListP95Ms"), "k6 read no lists")
	near(t, 2, hash.at(t, "bad", "hashesPerSec"), "bad hashes")
	near(t, p95(1000), hash.at(t, "bad", "hashP95Ms"), "bad hashes")
	near(t, goodTo-goodFrom, hash.at(t, "good", "seenSec"), "good ran")
	near(t, p95(250), hash.at(t, "good", "listP95Ms"), "lists meanwhile")
	near(t, 3, hash.at(t, "good", "hashesPerSec"), "good hashes")
	near(t, 5, hash.at(t, "good", "rejectionsPerSec"), "429s")
	near(t, p95(250), hash.at(t, "idle", "listP95Ms"), "lists at rest")
	assert.Equal(t, false, hash.at(t, "bad", "runningNow"))
	assert.Equal(t, true, hash.at(t, "idle", "runningNow"))
}
