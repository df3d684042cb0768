package flame

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/pprof/profile"
)

// Comparison is what a report is made of.
type Comparison struct {
	Dir           string // of the report; must not exist
	Title         string
	Base, Compare Input
	SampleType    string     // such as cpu or inuse_space; empty selects pprof's default
	Rows          []Row      // optional
	Notes         []string   // optional
	Pyroscope     *Pyroscope // optional
}

// Input is one side of a comparison.
type Input struct {
	Label      string
	Profile    *profile.Profile
	Goroutines *profile.Profile // optional
}

// CompareFiles writes the report of two profiles, files in pprof's format, to dir, which must not exist. An empty sampleType selects
// pprof's default.
func CompareFiles(basePath, comparePath, sampleType, dir string) (Report, error) {
	if err := CheckDir(dir); err != nil {
		return Report{}, err
	}
	baseProfile, err := readFile(basePath)
	if err != nil {
		return Report{}, err
	}
	compareProfile, err := readFile(comparePath)
	if err != nil {
		return Report{}, err
	}
	baseLabel, compareLabel := labels(basePath, comparePath)
	return Compare(Comparison{
		Dir: dir, Title: baseLabel + " against " + compareLabel, SampleType: sampleType,
		Base: Input{Label: baseLabel, Profile: baseProfile}, Compare: Input{Label: compareLabel, Profile: compareProfile},
	})
}

// labels returns the names of two files, with their folders when the names are equal.
func labels(a, b string) (string, string) {
	if shortA, shortB := filepath.Base(a), filepath.Base(b); shortA != shortB {
		return shortA, shortB
	}
	return a, b
}

// Compare writes a report. It scales c.Compare.Profile to the duration of c.Base.Profile. Callers can tell ErrEmpty, ErrDifference,
// ErrOtherKind, ErrSampleType and ErrExists apart.
func Compare(c Comparison) (Report, error) {
	pair := [sides]*profile.Profile{c.Base.Profile, c.Compare.Profile}
	if err := sameKind(pair); err != nil {
		return Report{}, err
	}
	index, err := sampleIndex(pair[base], c.SampleType)
	if err != nil {
		return Report{}, err
	}
	for side, label := range [sides]string{c.Base.Label, c.Compare.Label} {
		if err := check(pair[side], index); err != nil {
			return Report{}, fmt.Errorf("%s: %w", label, err)
		}
	}
	scaling := normalise(pair)
	diff, err := difference(pair)
	if err != nil {
		return Report{}, err
	}
	root := newTree(pair, index)
	r := Report{
		Dir: c.Dir, Title: c.Title, Base: Side{Label: c.Base.Label}, Compare: Side{Label: c.Compare.Label},
		Rows: append([]Row{}, c.Rows...), Pyroscope: c.Pyroscope,
		Goroutines: goroutines([sides]*profile.Profile{c.Base.Goroutines, c.Compare.Goroutines}, goroutinesShown),
	}
	r.describe(pair, index, root)
	r.Notes = slices.Concat(c.Notes, []string{scaling}, root.prune(drawn()).notes())

	profiles := map[string]*profile.Profile{
		BaseFile: pair[base], CompareFile: pair[compare], DiffFile: diff,
		BaseGoroutinesFile: c.Base.Goroutines, CompareGoroutinesFile: c.Compare.Goroutines,
	}
	maps.DeleteFunc(profiles, func(_ string, p *profile.Profile) bool { return p == nil })
	r.Files = slices.Sorted(maps.Keys(profiles))
	files := map[string]func(io.Writer) error{PageFile: page(r, root), JSONFile: asJSON(r)}
	for name, p := range profiles {
		files[name] = p.Write
	}
	return r, write(r.Dir, files)
}

// describe fills in the parts that depend on the whole tree; prune changes it.
func (r *Report) describe(pair [sides]*profile.Profile, index int, root *frame) {
	r.Created, r.CSP = time.Now().Round(time.Second), sources()
	r.SampleType, r.Unit = pair[base].SampleType[index].Type, pair[base].SampleType[index].Unit
	for side, of := range [sides]*Side{&r.Base, &r.Compare} {
		of.Total = root.total[side]
		of.Seconds = time.Duration(pair[side].DurationNanos).Seconds()
		if taken := pair[side].TimeNanos; taken > 0 {
			of.Taken = time.Unix(0, taken).UTC()
		}
	}
	r.Functions = functions(root, functionsShown)
	r.Meaning = meaning(*r)
}
