package settings

import (
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"deals.example/internal/strict"
)

// Set collects the variables that settings structs declare. Each declaration sets the field to its default.
type Set struct {
	variables []*Variable
	targets   map[uintptr]bool // addresses of the fields that the variables set
}

// Variable is a declared environment variable.
type Variable struct {
	Setting

	secret bool
	set    func(text string) bool // parses and stores text; reports whether it is allowed
}

// Help sets the description of the setting and ends its declaration.
func (v *Variable) Help(text string) { v.Setting.Help = text }

// add declares a variable that sets the field that into points to.
func (s *Set) add(into any, name, initial, want string, set func(text string) bool) *Variable {
	if s.targets == nil {
		s.targets = map[uintptr]bool{}
	}
	s.targets[reflect.ValueOf(into).Pointer()] = true
	v := &Variable{Setting: Setting{Name: name, Default: initial, Want: want}, set: set}
	s.variables = append(s.variables, v)
	return v
}

// Number is a numeric setting.
type Number[T int | float64 | time.Duration] struct {
	*Variable

	format func(T) string
	low    T
	high   T
}

// Between limits the value to low to high, both included.
func (n *Number[T]) Between(low, high T) *Number[T] {
	n.low, n.high = low, high
	n.Want = strict.Between(n.Want, n.format(low), n.format(high))
	return n
}

func number[T int | float64 | time.Duration](
	s *Set, into *T, name string, initial T, want string, format func(T) string, parse func(string) (T, error),
) *Number[T] {
	*into = initial
	n := &Number[T]{format: format}
	n.Variable = s.add(into, name, format(initial), want, func(text string) bool {
		value, err := parse(text)
		if err != nil || math.IsNaN(float64(value)) || value < n.low || value > n.high {
			return false
		}
		*into = value
		return true
	})
	return n
}

// Int declares a whole number.
func (s *Set) Int(into *int, name string, initial int) *Number[int] {
	return number(s, into, name, initial, strict.WholeNumber, strconv.Itoa, strconv.Atoi)
}

// Float declares a number.
func (s *Set) Float(into *float64, name string, initial float64) *Number[float64] {
	format := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return number(s, into, name, initial, strict.Number, format, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
}

// Duration declares a duration.
func (s *Set) Duration(into *time.Duration, name string, initial time.Duration) *Number[time.Duration] {
	return number(s, into, name, initial, "a duration, such as 800ms or 2s,", formatDuration, time.ParseDuration)
}

// formatDuration omits trailing zeros: 10m, not 10m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if short, cut := strings.CutSuffix(text, "m0s"); cut {
		text = short + "m"
	}
	if short, cut := strings.CutSuffix(text, "h0m"); cut {
		text = short + "h"
	}
	return text
}

// Bool declares a boolean.
func (s *Set) Bool(into *bool, name string, initial bool) *Variable {
	*into = initial
	return s.add(into, name, strconv.FormatBool(initial), strict.Bool, func(text string) bool {
		value, err := strconv.ParseBool(text)
		*into = value
		return err == nil
	})
}

// Text is a string setting.
type Text struct {
	*Variable

	allowed func(text string) bool
}

// Where sets the condition for a value; want describes it in errors and --help.
func (t *Text) Where(want string, allowed func(text string) bool) *Text {
	t.Want, t.allowed = want, allowed
	return t
}

// OneOf limits the value to these words.
func (t *Text) OneOf(words ...string) *Text {
	return t.Where(strict.OneOf(words...), func(text string) bool { return slices.Contains(words, text) })
}

// Sized limits the length, in characters.
func (t *Text) Sized(shortest, longest int) *Text {
	return t.Where(fmt.Sprintf("%d to %d characters", shortest, longest),
		func(text string) bool { return len(text) >= shortest && len(text) <= longest })
}

// Secret keeps the value out of errors.
func (t *Text) Secret() *Text {
	t.secret = true
	return t
}

// Text declares a string.
func (s *Set) Text(into *string, name, initial string) *Text {
	*into = initial
	t := &Text{allowed: func(string) bool { return true }}
	t.Variable = s.add(into, name, initial, "", func(text string) bool {
		*into = text
		return t.allowed(text)
	})
	return t
}

// URL declares a URL with http or https.
func (s *Set) URL(into *string, name, initial string) *Text {
	return s.Text(into, name, initial).Where("a URL with http or https", isHTTP)
}

func isHTTP(text string) bool { return HasScheme(text, "http", "https") }

// HasScheme reports whether text is a URL with a host and one of the schemes.
func HasScheme(text string, schemes ...string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && slices.Contains(schemes, parsed.Scheme)
}

// IsHostName reports whether text is a host name: words of letters, digits and hyphens, joined by dots.
func IsHostName(text string) bool {
	const longest, longestLabel = 253, 63
	for label := range strings.SplitSeq(text, ".") {
		plain := strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
		if !plain || label == "" || len(label) > longestLabel || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return len(text) <= longest
}

// List declares a list of 1 to most different strings, separated by commas. allowed reports whether an item is valid; want describes valid
// items in the plural.
func (s *Set) List(into *[]string, name string, initial []string, most int, want string, allowed func(text string) bool) *Variable {
	*into = initial
	want = fmt.Sprintf("1 to %d different %s, separated by commas", most, want)
	return s.add(into, name, strings.Join(initial, ","), want, func(text string) bool {
		items := strings.Split(text, ",")
		*into = items
		distinct := slices.Compact(slices.Sorted(slices.Values(items)))
		return len(items) <= most && len(distinct) == len(items) && !slices.ContainsFunc(items, func(item string) bool { return !allowed(item) })
	})
}

// URLs declares a list of at most 64 URLs with http or https.
func (s *Set) URLs(into *[]string, name string, initial ...string) *Variable {
	const most = 64
	return s.List(into, name, initial, most, "URLs with http or https", isHTTP)
}
