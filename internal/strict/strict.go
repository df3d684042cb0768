// Package strict decodes input from outside and words what is wrong with it: settings, JSON bodies, YAML files. All faults are reported
// together, and all say "got …, want …".
package strict

import (
	"strconv"
	"strings"
)

// What a value of a type has to be.
const (
	Bool        = "true or false"
	Text        = "a text"
	Number      = "a number"
	WholeNumber = "a whole number"
)

// Between returns what is wanted, with bounds that are allowed themselves.
func Between(what, low, high string) string { return what + " from " + low + " to " + high }

// OneOf returns that one of the words is wanted.
func OneOf(words ...string) string { return "one of " + strings.Join(words, ", ") }

// Fault is one value that can't be used.
type Fault struct {
	Where string // a variable, a field, or a place in a file
	What  string
}

// Wrong returns the fault of a value. Values from outside go through Quote.
func Wrong(where, got, want string) Fault { return Fault{where, "got " + got + ", want " + want} }

// Error returns where and what.
func (f Fault) Error() string { return f.Where + ": " + f.What }

// Quote quotes a value from outside, cut to a length that fits a message.
func Quote(text string) string { return strconv.Quote(cut(text)) }

func cut(text string) string {
	const longest = 80
	if len(text) > longest {
		return text[:longest] + "…"
	}
	return text
}
