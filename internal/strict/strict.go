// Package strict words and collects what is wrong with an input: settings, JSON bodies, YAML files. All faults are reported together.
package strict

import (
	"errors"
	"strconv"
)

// Fault is one value that can't be used.
type Fault struct {
	Where string // a field, a variable, or a place in a file
	Got   string // as Quote words it
	Want  string // such as "a whole number from 1 to 100"
}

// Error says where, what was got and what is wanted.
func (f Fault) Error() string { return f.Where + ": got " + f.Got + ", want " + f.Want }

// Faults collects faults. The zero value is empty.
type Faults []Fault

// Add adds one.
func (f *Faults) Add(where, got, want string) {
	*f = append(*f, Fault{Where: where, Got: got, Want: want})
}

// Err joins the faults, in the order in which they were added. It returns nil when there are none.
func (f Faults) Err() error {
	errs := make([]error, len(f))
	for i, fault := range f {
		errs[i] = fault
	}
	return errors.Join(errs...)
}

// Quote quotes a value from outside, cut to a length that fits a message.
func Quote(text string) string {
	const longest = 80
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return strconv.Quote(text)
}
