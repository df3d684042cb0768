// Package settings reads a component's typed settings from its environment and names every fault at once.
//
// A settings struct says all there is to know in its tags:
//
//	Timeout time.Duration `env:"UPSTREAM_TIMEOUT" envDefault:"800ms" validate:"min=1ms,max=30s" help:"timeout of one attempt"`
//
// env names the variable, envDefault its default, validate what is allowed (go-playground/validator), help what it means.
// Structs without an env tag are walked into.
package settings

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

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
	fields := fieldsOf(reflect.TypeOf(dst).Elem())
	faults := parse(dst, environ, fields)
	faults = append(faults, validate(dst, environ, fields, faults)...)
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	if c, ok := dst.(Checker); ok {
		return c.Check()
	}
	return nil
}

// Describe lists the settings of dst, a pointer to a settings struct, in the order in which they are declared.
func Describe(dst any) []Setting {
	fields := fieldsOf(reflect.TypeOf(dst).Elem())
	described := make([]Setting, 0, len(fields))
	for _, f := range fields {
		described = append(described, Setting{
			Name:    f.name,
			Default: f.tag.Get("envDefault"),
			Allowed: allowed(f.typ, f.tag.Get("validate")),
			Help:    f.tag.Get("help"),
		})
	}
	return described
}

func parse(dst any, environ map[string]string, fields []field) []error {
	err := env.ParseWithOptions(dst, env.Options{
		Environment: environ,
		FuncMap:     map[reflect.Type]env.ParserFunc{reflect.TypeFor[float64](): finite},
	})
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	faults := make([]error, 0, len(all.Errors))
	for _, one := range all.Errors {
		var wrong env.ParseError
		if !errors.As(one, &wrong) {
			faults = append(faults, one)
			continue
		}
		if f, ok := byGoName(fields, wrong.Name); ok {
			faults = append(faults, f.fault(environ))
		}
	}
	return faults
}

// finite refuses NaN and the infinities, which no bound would catch.
func finite(text string) (any, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		err = strconv.ErrRange
	}
	return number, err
}

func validate(dst any, environ map[string]string, fields []field, before []error) []error {
	err := validator.New(validator.WithRequiredStructEnabled()).Struct(dst)
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return nil
	}
	known := map[string]bool{}
	for _, fault := range before {
		known[fault.Error()] = true
	}
	var faults []error
	for _, w := range wrong {
		f, ok := byGoName(fields, fieldName(w.StructField()))
		if !ok {
			continue
		}
		if fault := f.fault(environ); !known[fault.Error()] {
			known[fault.Error()] = true
			faults = append(faults, fault)
		}
	}
	return faults
}

// fieldName strips the index that the validator puts behind the name of a slice's element.
func fieldName(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return name
}

// field is a leaf of a settings struct.
type field struct {
	name   string // of the environment variable
	goName string
	typ    reflect.Type
	tag    reflect.StructTag
}

func (f field) fault(environ map[string]string) error {
	got, set := environ[f.name]
	if !set {
		got = f.tag.Get("envDefault")
	}
	return Fault{Name: f.name, Got: got, Allowed: allowed(f.typ, f.tag.Get("validate"))}
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range t.Fields() {
		if name, tagged := f.Tag.Lookup("env"); tagged {
			fields = append(fields, field{name: name, goName: f.Name, typ: f.Type, tag: f.Tag})
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			fields = append(fields, fieldsOf(f.Type)...)
		}
	}
	return fields
}

func byGoName(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.goName == name {
			return f, true
		}
	}
	return field{}, false
}
