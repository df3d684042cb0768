package timeline

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Bounds of a recorder, so that a load that never ends takes no more memory. What exceeds them is counted in the last second or not at all.
const (
	maxStreams = 32
	maxSeconds = 3600
)

// Recorder makes a timeline. It must not be used concurrently.
type Recorder struct {
	timeline Timeline
}

// Answered records a request that was sent at start.
func (r *Recorder) Answered(stream string, start time.Time, took time.Duration, outcome Outcome) {
	second := r.second(stream, start)
	if second == nil {
		return
	}
	if second.Latencies == nil {
		second.Latencies = map[Outcome]Histogram{}
	}
	if second.Latencies[outcome] == nil {
		second.Latencies[outcome] = Histogram{}
	}
	second.Latencies[outcome][bucket(took)]++
}

// NotSent records requests that were due but not sent.
func (r *Recorder) NotSent(stream string, due time.Time, count int) {
	if second := r.second(stream, due); second != nil {
		second.NotSent += count
	}
}

// second returns the second of a time. The first time that is asked for starts the timeline; earlier ones belong to second 0.
func (r *Recorder) second(stream string, at time.Time) *Second {
	if r.timeline.Streams == nil {
		r.timeline = Timeline{Start: at, Streams: map[string][]Second{}}
	}
	seconds, known := r.timeline.Streams[stream]
	if !known && len(r.timeline.Streams) == maxStreams {
		return nil
	}
	i := min(max(int(at.Sub(r.timeline.Start)/time.Second), 0), maxSeconds-1)
	if i >= len(seconds) {
		seconds = append(seconds, make([]Second, i+1-len(seconds))...)
		r.timeline.Streams[stream] = seconds
	}
	return &seconds[i]
}

// Write writes the timeline to a file, which is replaced as a whole. It writes nothing before the first request.
func (r *Recorder) Write(file string) error {
	if r.timeline.Streams == nil {
		return nil
	}
	text, err := json.Marshal(r.timeline)
	if err != nil {
		return fmt.Errorf("encode the timeline: %w", err)
	}
	part := file + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, file)
}

// Read reads the timeline in a file. The error is os.ErrNotExist before the first request.
func Read(file string) (Timeline, error) {
	var t Timeline
	text, err := os.ReadFile(file) //nolint:gosec // G304: the caller's own file
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("decode the timeline %s: %w", file, err)
	}
	return t, nil
}
