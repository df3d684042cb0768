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

// A profile is at most this large; a minute of a busy process is some hundred kilobytes.
const (
	maxProfile  = 64 << 20  // bytes, as it is read
	maxUnpacked = 256 << 20 // bytes
)

// What may be wrong with a profile.
var (
	ErrNotProfile = errors.New("not a profile in pprof's format")
	ErrEmpty      = errors.New("the profile is empty: nothing was sampled")
	ErrTooLarge   = errors.New("the profile is too large")
	ErrDifference = errors.New("the profile has negative values: it is a difference already")
	ErrOtherKind  = errors.New("profiles of different kinds")
	ErrSampleType = errors.New("no such sample type")
)

// readFile reads a profile; errors name the file.
func readFile(path string) (*profile.Profile, error) {
	file, err := os.Open(path) //nolint:gosec // G304: the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read from
	p, err := readProfile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// readProfile reads a profile, packed or not, and no more of it than a bound.
func readProfile(from io.Reader) (*profile.Profile, error) {
	data, err := readBounded(from, maxProfile)
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
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: over %d MiB", ErrTooLarge, most>>20)
	}
	return data, nil
}

// sampleIndex is the position of the named sample type, "" for the one that the profile or else pprof shows first.
func sampleIndex(p *profile.Profile, name string) (int, error) {
	index, err := p.SampleIndexByName(name)
	if err != nil {
		return 0, fmt.Errorf("%w: %q; allowed: %s", ErrSampleType, name, typeNames(p))
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

// kind lists the sample types of a profile, such as "samples/count, cpu/nanoseconds".
func kind(p *profile.Profile) string {
	types := make([]string, len(p.SampleType))
	for i, t := range p.SampleType {
		types[i] = t.Type + "/" + t.Unit
	}
	return strings.Join(types, ", ")
}

// check says what keeps a profile from being drawn.
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

// sameKind says how the kinds of two profiles differ.
func sameKind(pair [sides]*profile.Profile) error {
	if was, is := kind(pair[base]), kind(pair[compare]); was != is {
		return fmt.Errorf("%w: base has %s; compare has %s", ErrOtherKind, was, is)
	}
	return nil
}

// tolerated is how much two durations may differ and be called the same.
const tolerated = 0.001

// normalise scales the second profile to the duration of the first, so that their values are over equal time, and says so. Profiles
// that are a state rather than a period, such as those of the heap in use, have no duration and stay as they are.
func normalise(pair [sides]*profile.Profile) string {
	was, is := pair[base].DurationNanos, pair[compare].DurationNanos
	if was <= 0 || is <= 0 {
		return "Values are as they were taken: a profile does not say how long it covers."
	}
	factor := float64(was) / float64(is)
	if math.Abs(factor-1) < tolerated {
		return fmt.Sprintf("Both profiles cover %s.", seconds(was))
	}
	note := fmt.Sprintf("Values of compare are multiplied by %.4g: it covered %s, base %s. Its file is so too.", factor, seconds(is), seconds(was))
	pair[compare].Scale(factor)
	pair[compare].DurationNanos = was
	pair[compare].Comments = append(pair[compare].Comments, note)
	return note
}

func seconds(nanos int64) string { return fmt.Sprintf("%.4g s", time.Duration(nanos).Seconds()) }

// difference is the second profile less the first, as `pprof -diff_base` makes it: percentages are of the base's total.
func difference(pair [sides]*profile.Profile) (*profile.Profile, error) {
	minus := pair[base].Copy()
	minus.SetLabel("pprof::base", []string{"true"})
	minus.Scale(-1)
	diff, err := profile.Merge([]*profile.Profile{pair[compare], minus})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOtherKind, err)
	}
	diff.DurationNanos = pair[base].DurationNanos
	return diff, nil
}
