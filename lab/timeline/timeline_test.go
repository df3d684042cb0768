package timeline_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/lab/timeline"
)

const ms = time.Millisecond

// recorded returns 100 complete requests of 1 to 100 ms in second 0, and in second 2 one of each other outcome and two not sent, as read from a file.
func recorded(t *testing.T) timeline.Timeline {
	t.Helper()
	start, file := time.Unix(1000, 0), filepath.Join(t.TempDir(), "timeline.json")
	var r timeline.Recorder
	require.NoError(t, r.Write(file))
	_, err := timeline.Read(file)
	require.ErrorIs(t, err, os.ErrNotExist)
	for i := range 100 {
		r.Answered("details", start.Add(time.Duration(i)*ms), time.Duration(i+1)*ms, timeline.Complete)
	}
	third := start.Add(2500 * ms)
	r.Answered("details", third, 200*ms, timeline.Degraded)
	r.Answered("details", third, ms, timeline.Refused)
	r.Answered("details", third, time.Second, timeline.Failed)
	r.NotSent("details", third, 2)
	r.Answered("lists", start.Add(-time.Second), 0, timeline.Complete) // earlier than the first, and quicker than a clock can tell
	require.NoError(t, r.Write(file))
	read, err := timeline.Read(file)
	require.NoError(t, err)
	return read
}

func TestWindow(t *testing.T) {
	read := recorded(t)
	all := read.Window("details", 0, 4*time.Second)
	assert.Equal(t, 105, all.Due())
	assert.Equal(t, 101, all.Count(0, timeline.Complete, timeline.Degraded))
	assert.InDelta(t, 100.0/105, all.Share(0, timeline.Complete), 1e-9)
	assert.InDelta(t, 25, all.Rate(0, timeline.Complete), 1e-9)

	first := read.Window("details", 0, time.Second)
	assert.Equal(t, 100, first.Due())
	assert.InDelta(t, 50, first.Count(51*ms, timeline.Complete), 1, "at most a bucket off")
	for share, want := range map[float64]float64{0.5: 50, 0.99: 99, 1: 100} {
		got, ok := first.Quantile(share)
		require.True(t, ok)
		assert.GreaterOrEqual(t, float64(got), want*float64(ms)*0.999)
		assert.LessOrEqual(t, float64(got), want*float64(ms)*1.023)
	}

	third := read.Window("details", 2*time.Second, 3*time.Second)
	assert.Equal(t, 5, third.Due())
	slowest, ok := third.Quantile(1)
	require.True(t, ok)
	assert.InDelta(t, float64(time.Second), float64(slowest), 0.023*float64(time.Second))
	fastest, _ := third.Quantile(0.01)
	assert.Greater(t, fastest, 199*ms, "a refusal has no latency")

	assert.Equal(t, 1, read.Window("lists", 0, time.Second).Due())
}

func TestWindowWithoutRequests(t *testing.T) {
	read := recorded(t)
	for name, window := range map[string]timeline.Window{
		"between":        read.Window("details", time.Second, 2*time.Second),
		"after":          read.Window("details", time.Minute, 2*time.Minute),
		"unknown stream": read.Window("purchases", 0, time.Minute),
		"backwards":      read.Window("details", time.Minute, 0),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Zero(t, window.Due())
			assert.Zero(t, window.Count(0, timeline.Complete))
			_, ok := window.Quantile(0.99)
			assert.False(t, ok)
		})
	}
}

func TestRecorderIsBounded(t *testing.T) {
	var r timeline.Recorder
	file, start := filepath.Join(t.TempDir(), "timeline.json"), time.Unix(1000, 0)
	for i := range 100 {
		r.Answered("stream-"+string(rune('a'+i)), start, ms, timeline.Complete)
	}
	r.Answered("stream-a", start.Add(24*time.Hour), ms, timeline.Complete)
	require.NoError(t, r.Write(file))
	read, err := timeline.Read(file)
	require.NoError(t, err)
	assert.Len(t, read.Streams, 32)
	assert.Len(t, read.Streams["stream-a"], 3600)
	require.Error(t, r.Write(filepath.Join(file, "below-a-file")))
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, err = timeline.Read(file)
	require.ErrorContains(t, err, "decode the timeline")
}
