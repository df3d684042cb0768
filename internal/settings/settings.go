// Package settings reads a component's typed settings from its environment and names every fault at once.
//
// A settings struct says all there is to know in its tags:
//
//	Timeout time.Duration `env:"UPSTREAM_TIMEOUT" envDefault:"800ms" validate:"min=1ms,max=30s" help:"timeout of one attempt"`
//
// env names the variable, envDefault its default, validate what is allowed (go-playground/validator), help what it means; allowed
// says what validate can't put in words for a person.
// Structs without an env tag are walked into.
package settings

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/caarlos0/env/v11"
	"github.com/go-playground/validator/v10"
)

// Setting describes one environment variable.
type Setting struct {
	Name    string // of the environment variable
	Default string // as it would be written in the environment
	Allowed string // for a person, "" when any value of the type is
	Help    string
}

// Fault is one setting with a value that can't be used.
type Fault struct {
	Name, Got, Allowed string
}

// Error says which setting, what was got and what is allowed.
func (f Fault) Error() string {
	return fmt.Sprintf("%s: got %q, allowed: %s", f.Name, f.Got, f.Allowed)
}

// Checker is implemented by settings that have rules between fields; Check is called on the whole once every field is good by itself.
type Checker interface {
	Check() error
}

// Load fills dst, a pointer to a settings struct, from environ. The error joins one Fault for each wrong setting.
func Load(dst any, environ map[string]string) error {
	var faults []error
	for _, f := range fieldsOf(reflect.TypeOf(dst).Elem()) {
		if !f.good(environ) {
			faults = append(faults, f.fault(environ))
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	if err := env.ParseWithOptions(dst, options(environ)); err != nil {
		return err
	}
	if c, ok := dst.(Checker); ok {
		return c.Check()
	}
	return nil
}

func options(environ map[string]string) env.Options {
	return env.Options{
		Environment: environ,
		FuncMap:     map[reflect.Type]env.ParserFunc{reflect.TypeFor[float64](): finite},
	}
}

// Describe lists the settings of dst, a pointer to a settings struct, in the order in which they are declared.
func Describe(dst any) []Setting {
	fields := fieldsOf(reflect.TypeOf(dst).Elem())
	described := make([]Setting, 0, len(fields))
	for _, f := range fields {
		described = append(described, Setting{
			Name:    f.name,
			Default: f.tag.Get("envDefault"),
			Allowed: f.allowed(),
			Help:    f.tag.Get("help"),
		})
	}
	return described
}

// finite refuses NaN and the infinities, which no bound would catch.
func finite(text string) (any, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		err = strconv.ErrRange
	}
	return number, err
}

// field is a leaf of a settings struct.
type field struct {
	name string // of the environment variable
	typ  reflect.Type
	tag  reflect.StructTag
}

// good reports whether the field's value can be read and is allowed, judged by itself: as the one field of a struct.
func (f field) good(environ map[string]string) bool {
	alone := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Value", Type: f.typ, Tag: f.tag}})).Interface()
	if env.ParseWithOptions(alone, options(environ)) != nil {
		return false
	}
	return validator.New(validator.WithRequiredStructEnabled()).Struct(alone) == nil
}

// allowed says for a person what the field takes: in the words of its allowed tag, else as its rules say.
func (f field) allowed() string {
	if words := f.tag.Get("allowed"); words != "" {
		return words
	}
	return allowed(f.typ, f.tag.Get("validate"))
}

func (f field) fault(environ map[string]string) error {
	got, set := environ[f.name]
	if !set {
		got = f.tag.Get("envDefault")
	}
	return Fault{Name: f.name, Got: got, Allowed: f.allowed()}
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range t.Fields() {
		if name, tagged := f.Tag.Lookup("env"); tagged {
			fields = append(fields, field{name: name, typ: f.Type, tag: f.Tag})
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			fields = append(fields, fieldsOf(f.Type)...)
		}
	}
	return fields
}
