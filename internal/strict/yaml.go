package strict

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

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// Document is a YAML file being read: the lines of its fields and the faults found so far. A field is named by its path, such as
// slos[0].objective; "" is the whole file. It exists because the YAML library stops at some mistakes when it decodes into a struct, and
// reports the line but not the field of others.
type Document struct {
	File   string
	lines  map[string]int // by path
	faults []Fault        // Where is the path
}

// YAML sets into, a pointer to a struct, from the YAML document in data. Mistakes become faults of the returned document. The tags that bound
// a field are those of JSON.
func YAML(file string, data []byte, into any) *Document {
	d := &Document{File: file, lines: map[string]int{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		d.Fault("", "is empty")
		return d
	case err != nil:
		d.Fault("", err.Error())
		return d
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		d.Fault("", "got more than one document, want one")
	}
	d.fill(root.Content[0], reflect.ValueOf(into).Elem(), "")
	return d
}

// fill sets into from node, which is at path in the document.
func (d *Document) fill(node *yaml.Node, into reflect.Value, path string) {
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
		d.fillStruct(node, into, path)
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
			d.wrongKind(path, node, scalar(into))
		}
	}
}

func (d *Document) fillStruct(node *yaml.Node, into reflect.Value, path string) {
	names := fieldNames(into.Type())
	d.eachPair(node, path, func(name, path string, value *yaml.Node) {
		i := slices.Index(names, name)
		if i < 0 || name == "-" {
			d.Fault(path, "is an unknown field")
			return
		}
		d.fill(value, into.Field(i), path)
		if field := into.Type().Field(i); !allows(field.Tag, reflect.Indirect(into.Field(i))) {
			d.Fault(path, Wrong(path, Quote(value.Value), wanted(field)).What)
		}
	})
}

func (d *Document) fillSlice(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		d.wrongKind(path, node, "a list")
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
func (d *Document) eachPair(node *yaml.Node, path string, use func(name, path string, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		d.wrongKind(path, node, "fields")
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		first, twice := d.lines[at]
		d.lines[at] = key.Line
		if twice {
			d.Fault(at, fmt.Sprintf("is already set on line %d", first))
			continue
		}
		use(key.Value, at, node.Content[i+1])
	}
}

// fieldNames returns the names of a struct's fields in YAML: the tag for YAML, that for JSON, or the name in lower case.
func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		inJSON, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names[i] = cmp.Or(t.Field(i).Tag.Get("yaml"), inJSON, strings.ToLower(t.Field(i).Name))
	}
	return names
}

// wrongKind records that node, at path, is of another kind than wanted.
func (d *Document) wrongKind(path string, node *yaml.Node, wanted string) {
	got := Quote(node.Value)
	switch node.Kind { //nolint:exhaustive // only these have no value
	case yaml.MappingNode:
		got = "fields"
	case yaml.SequenceNode:
		got = "a list"
	}
	d.Fault(path, Wrong(path, got, wanted).What)
}

func scalar(into reflect.Value) string {
	if _, is := reflect.TypeAssert[model.Duration](into); is {
		return "a duration such as 5m, 1h or 30d"
	}
	return kind(into.Type())
}

// Want records a mistake at path unless the value got there is allowed.
func (d *Document) Want(allowed bool, path string, got any, want string) {
	if text, is := got.(string); is {
		got = Quote(text)
	}
	d.Expect(allowed, path, Wrong(path, fmt.Sprint(got), want).What)
}

// Expect records a mistake at path unless the condition holds.
func (d *Document) Expect(holds bool, path, what string) {
	if !holds {
		d.Fault(path, what)
	}
}

// Fault records a mistake at path, unless one is recorded there or at an enclosing field.
func (d *Document) Fault(path, what string) {
	if !slices.ContainsFunc(d.faults, func(known Fault) bool { return within(path, known.Where) }) {
		d.faults = append(d.faults, Fault{path, what})
	}
}

func within(path, outer string) bool {
	rest, is := strings.CutPrefix(path, outer)
	return is && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// Err returns the faults joined in line order.
func (d *Document) Err() error {
	slices.SortStableFunc(d.faults, func(a, b Fault) int { return cmp.Compare(d.line(a.Where), d.line(b.Where)) })
	var faults []error
	for _, fault := range d.faults {
		where := d.File
		if line := d.line(fault.Where); line > 0 {
			where += ":" + strconv.Itoa(line)
		}
		if fault.Where != "" {
			where += ": " + fault.Where
		}
		faults = append(faults, Fault{where, fault.What})
	}
	return errors.Join(faults...)
}

// line returns the line of the field, or of the nearest enclosing field that the document has.
func (d *Document) line(path string) int {
	for d.lines[path] == 0 && path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return d.lines[path]
}
