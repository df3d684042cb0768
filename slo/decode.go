package slo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is one mistake in a file.
type Fault struct {
	File   string
	Line   int    // 0 when it has none
	Field  string // such as slos[0].objective, "" when it is about the whole file
	Reason string
}

// Error says where and what.
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

// document is a YAML file of which it is known what stands on which line.
type document struct {
	file   string
	fields []field
}

type field struct {
	path string // "" is the whole
	line int
}

// decode fills into from the one YAML document in data. What it doesn't know, finds twice or can't convert is a fault, each
// with its line; they are joined in the error.
func decode(file string, data []byte, into any) (*document, error) {
	doc := &document{file: file}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return doc, doc.syntaxFault(err)
	}
	if len(root.Content) == 0 {
		return doc, Fault{File: file, Reason: "is empty"}
	}
	doc.fields = fieldsOf(root.Content[0], "")

	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return doc, doc.decodeFaults(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return doc, Fault{File: file, Reason: "has more than one document: write one a file"}
	}
	return doc, nil
}

// fieldsOf returns node and all fields below it, each before those within it.
func fieldsOf(node *yaml.Node, path string) []field {
	fields := []field{{path: path, line: node.Line}}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			below := fieldsOf(value, strings.TrimPrefix(path+"."+key.Value, "."))
			below[0].line = key.Line
			fields = append(fields, below...)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			fields = append(fields, fieldsOf(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	default: // a scalar has nothing below it, and what an alias stands for has its own lines
	}
	return fields
}

// fault is a mistake at path. Its line is that of the nearest field that is there.
func (d *document) fault(path, reason string) error {
	fault := Fault{File: d.file, Field: path, Reason: reason}
	for _, f := range d.fields {
		if within(path, f.path) {
			fault.Line = f.line // those further in come later
		}
	}
	return fault
}

func within(path, outer string) bool {
	rest, is := strings.CutPrefix(path, outer)
	return is && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

var (
	located      = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
)

func (d *document) syntaxFault(err error) error {
	if match := located.FindStringSubmatch(err.Error()); match != nil {
		line, _ := strconv.Atoi(match[1])
		return Fault{File: d.file, Line: line, Reason: match[2]}
	}
	return Fault{File: d.file, Reason: err.Error()}
}

// decodeFaults takes apart the messages of the YAML decoder, which know their lines but not their fields.
func (d *document) decodeFaults(err error) error {
	var typeErr *yaml.TypeError
	if !errors.As(err, &typeErr) {
		return d.syntaxFault(err)
	}
	faults := make([]error, len(typeErr.Errors))
	for i, message := range typeErr.Errors {
		faults[i] = d.decodeFault(message)
	}
	return errors.Join(faults...)
}

func (d *document) decodeFault(message string) error {
	match := located.FindStringSubmatch(message)
	if match == nil {
		return Fault{File: d.file, Reason: message}
	}
	line, _ := strconv.Atoi(match[1])
	fault := Fault{File: d.file, Line: line, Reason: match[2]}
	unknown := unknownField.FindStringSubmatch(fault.Reason)
	if unknown != nil {
		fault.Reason = "is not a field of this format"
	}
	for _, f := range d.fields {
		if f.line == line && (unknown == nil || strings.HasSuffix("."+f.path, "."+unknown[1])) {
			fault.Field = f.path
		}
	}
	return fault
}
