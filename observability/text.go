package observability

import (
	"log/slog"
	"strings"
	"unicode/utf8"
)

const maxText = 256 // bytes

// Text returns a client's text for an attribute of a span: valid UTF-8, and at most 256 bytes and an ellipsis. The exporters drop all that they
// send together with a string that is not UTF-8.
func Text(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// validText returns a record whose message and strings are valid UTF-8.
func validText(record slog.Record) slog.Record {
	valid := slog.NewRecord(record.Time, record.Level, strings.ToValidUTF8(record.Message, "\uFFFD"), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		valid.AddAttrs(slog.Attr{Key: attr.Key, Value: validValue(attr.Value.Resolve())})
		return true
	})
	return valid
}

func validValue(value slog.Value) slog.Value {
	text := value.String()
	if err, isError := value.Any().(error); isError {
		text = err.Error()
	} else if value.Kind() != slog.KindString {
		return value
	}
	if utf8.ValidString(text) {
		return value
	}
	return slog.StringValue(strings.ToValidUTF8(text, "\uFFFD"))
}
