package flame

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const minus = "−"

// text formats a value of a profile for people; unit is pprof's name.
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

// duration formats a duration with three digits.
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

// digits formats a number with three significant digits, or all digits of its integer part, grouped by thousands.
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

// grouped formats an integer, grouped by thousands.
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

// signed is text with a plus sign for positive values.
func signed(value int64, unit string) string {
	if value > 0 {
		return "+" + text(value, unit)
	}
	return text(value, unit)
}

// percent formats a share from 0 to 1.
func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + " %" }

// changed formats the change of a figure: a factor when it at least doubled or halved, else a percentage.
func changed(from, to float64) string {
	switch {
	case from == to:
		return "no change"
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

// withoutTypes removes the type arguments of a function's name, as pprof does: slices.Sort[...].
func withoutTypes(name string) string {
	open, end := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if open < 0 || end < open {
		return name
	}
	return name[:open] + "[...]" + name[end+1:]
}

// shortName removes the path of a function's package: http.(*conn).serve for net/http.(*conn).serve.
func shortName(name string) string {
	end := strings.IndexAny(name, "([") // types in brackets have paths of their own
	if end < 0 {
		end = len(name)
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// packageOf returns the package of a function: net/http for net/http.(*conn).serve.
func packageOf(name string) string {
	path := len(name) - len(shortName(name))
	if dot := strings.IndexByte(name[path:], '.'); dot >= 0 {
		return name[:path+dot]
	}
	return name
}
