package sizing

import (
	"math"
	"strconv"
	"strings"
)

// Units of what a part has.
const (
	cores       = "cores"
	places      = "places"
	connections = "connections"
	replicas    = "replicas"
	bytes       = "bytes"
	bytesSecond = "bytes/s"
	bytesDay    = "bytes/day"
)

// quantity writes a value with its unit.
func quantity(value float64, unit string) string {
	switch unit {
	case bytes:
		return sized(value, 1024, "B", "KiB", "MiB", "GiB", "TiB", "PiB")
	case bytesSecond:
		return sized(value, 1000, "B", "kB", "MB", "GB", "TB", "PB") + "/s"
	case bytesDay:
		return sized(value, 1000, "B", "kB", "MB", "GB", "TB", "PB") + "/day"
	}
	number := Number(value)
	if number == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return number + " " + unit
}

func sized(value, step float64, units ...string) string {
	for len(units) > 1 && value >= step {
		value, units = value/step, units[1:]
	}
	return Number(value) + " " + units[0]
}

// Number writes a number of at least 0 with three significant digits, or two if it is below ten. Thousands are grouped.
func Number(value float64) string {
	const small = 0.01
	switch {
	case value >= 10 || value == math.Trunc(value):
		return Whole(rounded(value))
	case value < small:
		return "under 0.01"
	}
	return strconv.FormatFloat(value, 'g', 2, 64)
}

// rounded returns the value with three significant digits.
func rounded(value float64) float64 {
	digits := strconv.FormatFloat(value, 'g', 3, 64)
	near, err := strconv.ParseFloat(digits, 64)
	if err != nil { // it is infinite
		return value
	}
	return near
}

// Whole writes all digits of a number's whole part, grouped by thousands.
func Whole(value float64) string {
	written := strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	for at := len(written) - 3; at > 0; at -= 3 {
		written = written[:at] + "," + written[at:]
	}
	return written
}
