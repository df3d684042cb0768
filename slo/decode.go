package slo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is one mistake in a file.
type Fault struct {
	File   string
	Line   int    // 0 if unknown
	Field  string // such as slos[0].objective; "" is the whole file
	Reason string
}

// Error returns the file, line, field and reason.
func (f Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where += ":" + strconv.Itoa(f.Line)
	}
	if f.Field != "" {
		where += ": " + f.Field
	}
	return where + ": " + f.Reason
}

// document is a YAML file being read: the lines of its fields and the faults found so far. It exists because the YAML library stops at
// some mistakes when it decodes into a struct, and reports the line but not the field of others.
type document struct {
	file   string
	lines  map[string]int // of fields
	faults []Fault
}

// decode sets into, a pointer to a struct, from the YAML document in data. Mistakes become faults of the returned document.
func decode(file string, data []byte, into any) *document {
	d := &document{file: file, lines: map[string]int{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		d.fault("", "is empty")
		return d
	case err != nil:
		d.fault("", err.Error())
		return d
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		d.fault("", "contains more than one document, allowed: one")
	}
	d.fill(root.Content[0], reflect.ValueOf(into).Elem(), "")
	return d
}

// fill sets into from node, which is at path in the document.
func (d *document) fill(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.ShortTag() == "!!null" {
		return // null means absent
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.fill(node, into.Elem(), path)
	case reflect.Struct:
		fields := fieldsOf(into.Type())
		d.eachPair(node, path, func(name, path string, value *yaml.Node) {
			index, known := fields[name]
			if !known {
				d.fault(path, "is an unknown field")
				return
			}
			d.fill(value, into.Field(index), path)
		})
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		d.eachPair(node, path, func(name, path string, value *yaml.Node) {
			element := reflect.New(into.Type().Elem()).Elem()
			d.fill(value, element, path)
			into.SetMapIndex(reflect.ValueOf(name), element)
		})
	case reflect.Slice:
		d.fillSlice(node, into, path)
	default:
		if node.Kind != yaml.ScalarNode || node.Decode(into.Addr().Interface()) != nil {
			d.fault(path, fmt.Sprintf("got %s, allowed: %s", described(node), allowed(into)))
		}
	}
}

func (d *document) fillSlice(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		d.fault(path, fmt.Sprintf("got %s, allowed: a list", described(node)))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.lines[at] = item.Line
		d.fill(item, into.Index(i), at)
	}
}

// eachPair calls use with the name, path and value of each field of a mapping.
func (d *document) eachPair(node *yaml.Node, path string, use func(name, path string, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		d.fault(path, fmt.Sprintf("got %s, allowed: fields", described(node)))
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		first, twice := d.lines[at]
		d.lines[at] = key.Line
		if twice {
			d.fault(at, fmt.Sprintf("is already set on line %d", first))
			continue
		}
		use(key.Value, at, node.Content[i+1])
	}
}

// fieldsOf returns the indices of a struct's fields by their names in YAML.
func fieldsOf(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "-" {
			fields[name] = i
		}
	}
	return fields
}

func described(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "fields"
	case yaml.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(node.Value)
	}
}

func allowed(into reflect.Value) string {
	switch into.Interface().(type) {
	case float64:
		return "a number"
	case bool:
		return "true or false"
	case Duration:
		return "a duration such as 5m, 1h or 30d"
	default:
		return "a text"
	}
}

// fault records a mistake at path, unless one is recorded there or at an enclosing field. Its line is that of the nearest enclosing field
// in the document.
func (d *document) fault(path, reason string) {
	if slices.ContainsFunc(d.faults, func(known Fault) bool { return within(path, known.Field) }) {
		return
	}
	near := path
	for d.lines[near] == 0 && near != "" {
		near = near[:max(strings.LastIndexAny(near, ".["), 0)]
	}
	d.faults = append(d.faults, Fault{File: d.file, Line: d.lines[near], Field: path, Reason: reason})
}

func within(path, outer string) bool {
	rest, is := strings.CutPrefix(path, outer)
	return is && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// expect records a mistake at path unless the condition holds.
func (d *document) expect(holds bool, path, reason string) {
	if !holds {
		d.fault(path, reason)
	}
}

// err returns the faults joined in line order.
func (d *document) err() error {
	inOrder := slices.SortedStableFunc(slices.Values(d.faults), func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	faults := make([]error, len(inOrder))
	for i, fault := range inOrder {
		faults[i] = fault
	}
	return errors.Join(faults...)
}
