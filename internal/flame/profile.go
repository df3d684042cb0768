package flame

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Limits of a profile. A minute of a busy process takes a few hundred kilobytes.
const (
	MaxProfile  = 64 << 20  // bytes, as read
	maxUnpacked = 256 << 20 // bytes, without compression
)

// Errors of a profile or of a pair of them.
var (
	ErrNotProfile = errors.New("not a profile in pprof's format")
	ErrEmpty      = errors.New("profile has no samples")
	ErrTooLarge   = errors.New("profile is too large")
	ErrDifference = errors.New("profile has negative values: it is already a difference")
	ErrOtherKind  = errors.New("profiles of different kinds")
	ErrSampleType = errors.New("unknown sample type")
)

// readFile reads a profile from a file; its errors name the file.
func readFile(path string) (*profile.Profile, error) {
	file, err := os.Open(path) //nolint:gosec // G304: the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p, err := ReadProfile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// ReadProfile reads a profile in pprof's format, compressed or not. It returns ErrNotProfile if from holds no profile, and
// ErrTooLarge if it exceeds the limit.
func ReadProfile(from io.Reader) (*profile.Profile, error) {
	data, err := readBounded(from, MaxProfile)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if data, err = unpack(data); err != nil {
			return nil, err
		}
	}
	p, err := profile.ParseData(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProfile, err)
	}
	return p, nil
}

func unpack(data []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProfile, err)
	}
	unpacked, err := readBounded(reader, maxUnpacked)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("%w: %w", ErrNotProfile, err)
	}
	return unpacked, err
}

func readBounded(from io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: limit is %d MiB", ErrTooLarge, most>>20)
	}
	return data, nil
}

// sampleIndex returns the index of the named sample type; "" is the default of the profile, else of pprof.
func sampleIndex(p *profile.Profile, name string) (int, error) {
	index, err := p.SampleIndexByName(name)
	if err != nil {
		return 0, fmt.Errorf("%w: got %q, want one of %s", ErrSampleType, name, typeNames(p))
	}
	return index, nil
}

func typeNames(p *profile.Profile) string {
	names := make([]string, len(p.SampleType))
	for i, t := range p.SampleType {
		names[i] = t.Type
	}
	return strings.Join(names, ", ")
}

// kind returns the sample types of a profile, such as "samples/count, cpu/nanoseconds".
func kind(p *profile.Profile) string {
	types := make([]string, len(p.SampleType))
	for i, t := range p.SampleType {
		types[i] = t.Type + "/" + t.Unit
	}
	return strings.Join(types, ", ")
}

// check returns an error when a profile can't be drawn.
func check(p *profile.Profile, index int) error {
	var total int64
	for _, sample := range p.Sample {
		if sample.Value[index] < 0 {
			return ErrDifference
		}
		total += sample.Value[index]
	}
	if total == 0 {
		return ErrEmpty
	}
	return nil
}

// sameKind returns an error when the sample types of two profiles differ.
func sameKind(pair [sides]*profile.Profile) error {
	if was, is := kind(pair[base]), kind(pair[compare]); was != is {
		return fmt.Errorf("%w: base has %s, compare has %s", ErrOtherKind, was, is)
	}
	return nil
}

// durationTolerance is the relative difference up to which two durations count as equal.
const durationTolerance = 0.001

// normalise scales the second profile to the duration of the first and returns a note about it. Profiles of a state, such as the heap in
// use, have no duration and are not scaled.
func normalise(pair [sides]*profile.Profile) string {
	was, is := pair[base].DurationNanos, pair[compare].DurationNanos
	if was <= 0 || is <= 0 {
		return "Values are not scaled: a profile has no duration."
	}
	factor := float64(was) / float64(is)
	if math.Abs(factor-1) < durationTolerance {
		return fmt.Sprintf("Both profiles cover %s.", seconds(was))
	}
	note := fmt.Sprintf("Values of compare are multiplied by %.4g, in its file too: it covers %s, base %s.", factor, seconds(is), seconds(was))
	pair[compare].Scale(factor)
	pair[compare].DurationNanos = was
	pair[compare].Comments = append(pair[compare].Comments, note)
	return note
}

func seconds(nanos int64) string { return fmt.Sprintf("%.4g s", time.Duration(nanos).Seconds()) }

// difference returns the second profile minus the first, as `pprof -diff_base` does: percentages are relative to the base's total.
func difference(pair [sides]*profile.Profile) (*profile.Profile, error) {
	negative := pair[base].Copy()
	negative.SetLabel("pprof::base", []string{"true"})
	negative.Scale(-1)
	diff, err := profile.Merge([]*profile.Profile{pair[compare], negative})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOtherKind, err)
	}
	diff.DurationNanos = pair[base].DurationNanos
	return diff, nil
}
