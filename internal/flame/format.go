package flame

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const minus = "−"

// text writes a value of a profile for people; unit is pprof's name for it.
func text(value int64, unit string) string {
	switch unit {
	case "nanoseconds":
		return duration(time.Duration(value))
	case "bytes":
		return bytesText(value)
	default:
		return grouped(value)
	}
}

// duration writes three digits of a time.
func duration(d time.Duration) string {
	switch size := d.Abs(); {
	case size == 0:
		return "0"
	case size >= time.Second:
		return digits(d.Seconds()) + " s"
	case size >= time.Millisecond:
		return digits(d.Seconds()*1e3) + " ms"
	case size >= time.Microsecond:
		return digits(d.Seconds()*1e6) + " µs"
	default:
		return grouped(int64(d)) + " ns"
	}
}

func bytesText(value int64) string {
	size, units := float64(value), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for len(units) > 1 && math.Abs(size) >= 1024 {
		size, units = size/1024, units[1:]
	}
	return digits(size) + " " + units[0]
}

// digits writes a number with three digits, all of those before the point, and thousands apart.
func digits(value float64) string {
	switch size := math.Abs(value); {
	case size >= 100 || value == math.Trunc(value):
		return grouped(int64(math.Round(value)))
	case size >= 10:
		return strings.Replace(strconv.FormatFloat(value, 'f', 1, 64), "-", minus, 1)
	default:
		return strings.Replace(strconv.FormatFloat(value, 'f', 2, 64), "-", minus, 1)
	}
}

// grouped writes a whole number with its thousands apart.
func grouped(value int64) string {
	written := strconv.FormatInt(value, 10)
	sign := ""
	if rest, negative := strings.CutPrefix(written, "-"); negative {
		sign, written = minus, rest
	}
	for at := len(written) - 3; at > 0; at -= 3 {
		written = written[:at] + "," + written[at:]
	}
	return sign + written
}

// signed is text with a sign for growth too.
func signed(value int64, unit string) string {
	if value > 0 {
		return "+" + text(value, unit)
	}
	return text(value, unit)
}

// percent writes a share of 0 to 1.
func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + " %" }

// changed writes how a figure went from one value to another: times as much when it at least doubled, else in percent.
func changed(from, to float64) string {
	switch {
	case from == to:
		return "the same"
	case from == 0 || to == 0:
		return ""
	case to/from >= 2:
		return "× " + digits(to/from)
	case from/to >= 2:
		return "÷ " + digits(from/to)
	default:
		return strings.Replace(fmt.Sprintf("%+.0f %%", (to/from-1)*100), "-", minus, 1)
	}
}

// withoutTypes is a function without its type arguments, which are long and say little: slices.Sort[...] as pprof writes it.
func withoutTypes(name string) string {
	open, end := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if open < 0 || end < open {
		return name
	}
	return name[:open] + "[...]" + name[end+1:]
}

// shortName is a function without the path of its package: http.(*conn).serve for net/http.(*conn).serve.
func shortName(name string) string {
	end := strings.IndexAny(name, "([") // of what a path may be in; types in brackets have paths of their own
	if end < 0 {
		end = len(name)
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// packageOf is the package of a function: net/http for net/http.(*conn).serve.
func packageOf(name string) string {
	path := len(name) - len(shortName(name))
	if dot := strings.IndexByte(name[path:], '.'); dot >= 0 {
		return name[:path+dot]
	}
	return name
}
