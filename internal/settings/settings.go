// Package settings reads a component's typed settings from its environment and reports every fault at once.
//
// A settings struct declares its variables, with their defaults and bounds:
//
//	func (c *Config) Declare(s *settings.Set) {
//		s.Duration(&c.Timeout, "UPSTREAM_TIMEOUT", 800*time.Millisecond).Between(time.Millisecond, 30*time.Second).
//			Help("timeout of one attempt")
//	}
//
// Every exported field must be declared, also those of nested structs. Load and Describe panic otherwise.
package settings

import (
	"errors"
	"fmt"
	"reflect"

	"deals.example/internal/strict"
)

// Declarer is a settings struct.
type Declarer interface {
	Declare(s *Set)
}

// Of is a pointer to the settings struct S, which declares them.
type Of[S any] interface {
	*S
	Declarer
}

// None is the settings of a component that has none of its own.
type None struct{}

// Declare declares nothing.
func (*None) Declare(*Set) {}

// Setting describes one environment variable.
type Setting struct {
	Name    string
	Default string // as it would be written in the environment
	Want    string // such as "a whole number from 1 to 100"
	Help    string
}

// Fault is one setting with a value that can't be used.
type Fault struct{ strict.Fault }

// Load fills the structs from environ. An empty variable counts as unset. The error joins one Fault for each wrong setting.
func Load(environ map[string]string, into ...Declarer) error {
	var faults []error
	for _, v := range declared(into) {
		text := environ[v.Name]
		if text == "" || v.set(text) {
			continue
		}
		got := strict.Quote(text)
		if v.secret {
			got = "a value of another length"
		}
		faults = append(faults, Fault{strict.Wrong(v.Name, got, v.Want)})
	}
	return errors.Join(faults...)
}

// Describe lists the settings of the structs in the order in which they are declared.
func Describe(of ...Declarer) []Setting {
	variables := declared(of)
	described := make([]Setting, len(variables))
	for i, v := range variables {
		described[i] = v.Setting
	}
	return described
}

func declared(by []Declarer) []*Variable {
	var s Set
	for _, d := range by {
		d.Declare(&s)
		s.mustDeclare(reflect.ValueOf(d).Elem())
	}
	return s.variables
}

// mustDeclare panics if no variable sets an exported field of a struct: a nested struct whose Declare is not called would be ignored.
func (s *Set) mustDeclare(config reflect.Value) {
	for field, value := range config.Fields() {
		switch {
		case !field.IsExported():
		case value.Kind() == reflect.Struct:
			s.mustDeclare(value)
		case !s.targets[value.Addr().Pointer()]:
			panic(fmt.Sprintf("settings: %s does not declare its field %s", config.Type(), field.Name))
		}
	}
}
