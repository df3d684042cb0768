package settings

import (
	"reflect"
	"strings"
	"time"
)

// allowed says for a person what a validate tag lets through.
func allowed(t reflect.Type, tag string) string {
	kind := kindOf(t)
	low, high := "", ""
	for rule := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(rule, "=")
		switch name {
		case "oneof":
			return strings.Join(strings.Fields(arg), " | ")
		case "min", "gte":
			low = arg
		case "max", "lte":
			high = arg
		case "http_url":
			kind = "URL with http or https"
		case "url":
			kind = "URL"
		case "dive":
			kind += ", comma-separated"
		}
	}
	return kind + bounds(t, low, high)
}

func bounds(t reflect.Type, low, high string) string {
	unit := ""
	switch t.Kind() {
	case reflect.String:
		unit = " characters"
	case reflect.Slice:
		unit = " of them"
	default:
	}
	switch {
	case low != "" && high != "":
		return ", " + low + " to " + high + unit
	case low != "":
		return ", at least " + low + unit
	case high != "":
		return ", at most " + high + unit
	}
	return ""
}

func kindOf(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "duration such as 800ms or 2s"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Uint16, reflect.Int32:
		return "whole number"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "true | false"
	default:
		return "text"
	}
}
