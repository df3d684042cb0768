package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSON sets into, a pointer to a struct, from a body that is one JSON object. Absent and null fields keep their value. Tags bound a field,
// with the names and meanings of JSON Schema, so that an API's description can be made from them: minimum, maximum, maxLength, enum.
func JSON(body []byte, into any) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return notAnObject(body, err)
	}
	var faults []error
	var names []string
	for field, value := range reflect.ValueOf(into).Elem().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
		member, given := members[name]
		delete(members, name)
		if given && (json.Unmarshal(member, value.Addr().Interface()) != nil || !allows(field.Tag, reflect.Indirect(value))) {
			faults = append(faults, Wrong(name, cut(string(member)), wanted(field)))
		}
	}
	if len(members) > 0 {
		unknown := slices.Min(slices.Collect(maps.Keys(members)))
		faults = append(faults, Wrong("body", "unknown field "+Quote(unknown), OneOf(names...)))
	}
	return errors.Join(faults...)
}

func notAnObject(body []byte, err error) error {
	got := Quote(string(body))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		got = fmt.Sprintf("%v at byte %d", syntax, syntax.Offset)
	}
	return Wrong("body", got, "one JSON object")
}

// allows reports whether the tags allow the value, which is invalid for a nil pointer.
func allows(tag reflect.StructTag, value reflect.Value) bool {
	switch {
	case !value.IsValid():
		return true
	case value.CanInt():
		return between(tag, float64(value.Int()))
	case value.CanFloat():
		return between(tag, value.Float())
	case value.Kind() == reflect.String:
		words, closed := tag.Lookup("enum")
		return float64(utf8.RuneCountInString(value.String())) <= bound(tag, "maxLength", math.Inf(1)) &&
			(!closed || slices.Contains(strings.Split(words, ","), value.String()))
	}
	return true
}

// between reports whether a number is within the bounds of the tags. NaN, which only YAML has, is left to whoever reads the field.
func between(tag reflect.StructTag, value float64) bool {
	return math.IsNaN(value) || value >= bound(tag, "minimum", math.Inf(-1)) && value <= bound(tag, "maximum", math.Inf(1))
}

func bound(tag reflect.StructTag, name string, otherwise float64) float64 {
	if bound, err := strconv.ParseFloat(tag.Get(name), 64); err == nil {
		return bound
	}
	return otherwise
}

// wanted says what a field has to be.
func wanted(f reflect.StructField) string {
	of := f.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	what := kind(of)
	if words, closed := f.Tag.Lookup("enum"); closed {
		return OneOf(strings.Split(words, ",")...)
	}
	if longest, bounded := f.Tag.Lookup("maxLength"); bounded {
		return what + " of at most " + longest + " characters"
	}
	if low, bounded := f.Tag.Lookup("minimum"); bounded {
		return Between(what, low, f.Tag.Get("maximum"))
	}
	return what
}

func kind(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Bool:
		return Bool
	case reflect.Float64:
		return Number
	case reflect.Int:
		return WholeNumber
	default:
		return Text
	}
}
