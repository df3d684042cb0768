package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/go-playground/validator/v10"
)

// MaxBody is the maximum size of a request body in bytes.
const MaxBody = 1 << 20

// DecodeJSON decodes the request body, one JSON object, into dst, a pointer to a struct. Its fields have gin's `binding` rules and an
// `allowed` tag that describes them. The error is an *Error: 415 for another content type, 413 over MaxBody, otherwise 400.
func DecodeJSON(c *gin.Context, dst any) error {
	if err := checkContentType(c.GetHeader("Content-Type")); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody))
	if err != nil {
		return readFault(err)
	}
	return UnmarshalStrict(body, dst)
}

// UnmarshalStrict is like DecodeJSON for a body that has been read.
func UnmarshalStrict(body []byte, dst any) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return InvalidArgument("body", "null", "one JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(dst); err != nil {
		return decodeFault(err, dst)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return InvalidArgument("body", "data after the first JSON value", "one JSON object")
	}
	if err := binding.Validator.ValidateStruct(dst); err != nil {
		return validationFault(err, dst)
	}
	return nil
}

func checkContentType(header string) error {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/json" {
		return &Error{
			Status: http.StatusUnsupportedMediaType, Code: CodeUnsupportedMedia,
			Message: fmt.Sprintf("Content-Type: got %s, allowed: application/json", quoteShort(header)),
		}
	}
	return nil
}

func readFault(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{
			Status: http.StatusRequestEntityTooLarge, Code: CodeBodyTooLarge,
			Message: fmt.Sprintf("body: got more than %d bytes, allowed: at most that", tooLarge.Limit),
		}
	}
	return InvalidArgument("body", "a truncated body", "one JSON object")
}

func decodeFault(err error, dst any) error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		if wrongType.Field == "" {
			return InvalidArgument("body", wrongType.Value, "one JSON object")
		}
		return InvalidArgument(wrongType.Field, wrongType.Value, ruleOf(dst, wrongType.Field).allowed())
	case errors.As(err, &syntax):
		return InvalidArgument("body", fmt.Sprintf("%v at byte %d", syntax, syntax.Offset), "one JSON object")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return InvalidArgument("body", "an empty or truncated body", "one JSON object")
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return InvalidArgument("body", "unknown field "+strings.Trim(name, `"`), "only "+strings.Join(fieldNames(dst), ", "))
	}
	return InvalidArgument("body", err.Error(), "one JSON object")
}

func validationFault(err error, dst any) error {
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return InvalidArgument("body", err.Error(), "one JSON object")
	}
	rule := ruleOf(dst, wrong[0].StructField())
	return InvalidArgument(rule.name, fmt.Sprint(reflect.Indirect(reflect.ValueOf(wrong[0].Value()))), rule.allowed())
}

// rule is the rule of a field of a body.
type rule struct {
	name string
	tag  reflect.StructTag
}

// allowed returns the field's `allowed` tag.
func (r rule) allowed() string { return r.tag.Get("allowed") }

func ruleOf(dst any, name string) rule {
	for f := range reflect.TypeOf(dst).Elem().Fields() {
		if jsonName := jsonName(f); f.Name == name || jsonName == name {
			return rule{name: jsonName, tag: f.Tag}
		}
	}
	return rule{name: name}
}

func fieldNames(dst any) []string {
	var names []string
	for f := range reflect.TypeOf(dst).Elem().Fields() {
		names = append(names, jsonName(f))
	}
	return names
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
