// Package dealid is the format of deal ids: d- and the number of the deal, padded to five digits.
package dealid

import (
	"fmt"
	"regexp"
	"strconv"
)

var format = regexp.MustCompile(`^d-([0-9]{5}|[1-9][0-9]{5,6})$`)

// Of returns the id of deal n.
func Of(n int) string { return fmt.Sprintf("d-%05d", n) }

// Valid reports whether id has the format of a deal id. The deal may not exist.
func Valid(id string) bool { return format.MatchString(id) }

// Number returns the number in a deal id, and reports whether the id is valid.
func Number(id string) (n int, ok bool) {
	if !Valid(id) {
		return 0, false
	}
	n, err := strconv.Atoi(id[len("d-"):])
	return n, err == nil
}
