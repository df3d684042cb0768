package stack

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxValue is the maximum length of a printed value in bytes.
const maxValue = 200

// record is a log record, written by slog as a JSON object.
type record struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Fields  []field // in order, without identifiers
	Traced  bool    // it belongs to a request or a job
}

type field struct{ name, value string }

// parseRecord parses a line. ok is false unless it is a JSON object with a level and a message.
func parseRecord(line []byte) (r record, ok bool) {
	if len(line) == 0 || line[0] != '{' {
		return record{}, false
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	if _, err := decoder.Token(); err != nil {
		return record{}, false
	}
	found := 0
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return record{}, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return record{}, false
		}
		if r.add(name.(string), value) { //nolint:forcetypeassert // an object's keys are strings
			found++
		}
	}
	return r, found >= 2
}

// add adds a field. It reports whether the field is a valid level or message.
func (r *record) add(name string, value json.RawMessage) bool {
	switch name {
	case slog.TimeKey:
		_ = json.Unmarshal(value, &r.Time) // zero if invalid, and then not printed
		return false
	case slog.LevelKey:
		return json.Unmarshal(value, &r.Level) == nil
	case slog.MessageKey:
		return json.Unmarshal(value, &r.Message) == nil
	case "service", "instance", "trace_id", "span_id", "correlation_id":
		r.Traced = r.Traced || name == "correlation_id" || name == "trace_id"
	default:
		r.Fields = append(r.Fields, field{name: name, value: plain(value)})
	}
	return false
}

// plain returns a JSON value for display. Strings have quotes only if necessary.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return cut(printable(string(value)), maxValue)
	}
	text = cut(printable(text), maxValue)
	if text == "" || strings.ContainsAny(text, " \"=") {
		return strconv.Quote(text)
	}
	return text
}

// printable replaces control characters.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		default:
			return unicode.ReplacementChar
		}
	}, text)
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// notable reports whether the record is printed by default: warnings, errors, and information that belongs to no request or job.
func (r *record) notable() bool {
	return r.Level >= slog.LevelWarn || r.Level >= slog.LevelInfo && !r.Traced
}

// text returns the record as one line. level formats the level.
func (r *record) text(level func(slog.Level) string) string {
	var line strings.Builder
	if !r.Time.IsZero() {
		line.WriteString(r.Time.Local().Format("15:04:05.000 "))
	}
	line.WriteString(level(r.Level) + " " + printable(r.Message))
	for _, f := range r.Fields {
		line.WriteString(" " + printable(f.name) + "=" + f.value)
	}
	return line.String()
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-len(text)))
}
