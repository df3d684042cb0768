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

// FilesConfig says what two profiles to compare.
type FilesConfig struct {
	Base, Compare string // files in pprof's format
	SampleType    string // such as cpu or inuse_space; empty: what pprof shows first
	Dir           string // of the report; must not be there
}

// Compare writes the report of two profiles of the same kind. The errors that a caller may tell apart are ErrNotProfile, ErrEmpty, ErrTooLarge,
// ErrDifference, ErrOtherKind and ErrExists.
func Compare(cfg FilesConfig) (Report, error) {
	if err := checkFree(cfg.Dir); err != nil {
		return Report{}, err
	}
	var pair [sides]*profile.Profile
	for side, path := range [sides]string{cfg.Base, cfg.Compare} {
		p, err := readFile(path)
		if err != nil {
			return Report{}, err
		}
		pair[side] = p
	}
	baseLabel, compareLabel := labels(cfg.Base, cfg.Compare)
	r := Report{Dir: cfg.Dir, Title: baseLabel + " against " + compareLabel, Base: Side{Label: baseLabel}, Compare: Side{Label: compareLabel}, Rows: []Row{}, Goroutines: []Count{}}
	return finish(r, pair, cfg.SampleType, nil)
}

// labels are the names of two files, with as much of their folders as tells them apart.
func labels(a, b string) (string, string) {
	if shortA, shortB := filepath.Base(a), filepath.Base(b); shortA != shortB {
		return shortA, shortB
	}
	return a, b
}

// finish compares the profiles and writes the folder of the report, with more files if given.
func finish(r Report, pair [sides]*profile.Profile, sampleType string, more map[string]*profile.Profile) (Report, error) {
	if err := sameKind(pair); err != nil {
		return Report{}, err
	}
	index, err := sampleIndex(pair[base], sampleType)
	if err != nil {
		return Report{}, err
	}
	for side, label := range [sides]string{r.Base.Label, r.Compare.Label} {
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
	r.describe(pair, index, root)
	r.Notes = append(append(r.Notes, scaling), root.prune(drawn()).notes()...)

	profiles := map[string]*profile.Profile{BaseFile: pair[base], CompareFile: pair[compare], DiffFile: diff}
	maps.Copy(profiles, more)
	r.Files = slices.Sorted(maps.Keys(profiles))
	files := map[string]func(io.Writer) error{PageFile: page(r, root), JSONFile: asJSON(r)}
	for name, p := range profiles {
		files[name] = p.Write
	}
	return r, write(r.Dir, files)
}

// describe fills in what the whole tree says.
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
