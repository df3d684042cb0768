// Package dealid is the form of a deal's id: d- and the deal's number, padded to five digits.
package dealid

import (
	"fmt"
	"regexp"
	"strconv"
)

var form = regexp.MustCompile(`^d-([0-9]{5}|[1-9][0-9]{5,6})$`)

// Of returns the id of deal n.
func Of(n int) string { return fmt.Sprintf("d-%05d", n) }

// Valid reports whether id has the form of a deal's id. There may be no such deal.
func Valid(id string) bool { return form.MatchString(id) }

// Number returns the number in a deal's id, and whether the id is valid.
func Number(id string) (n int, ok bool) {
	if !Valid(id) {
		return 0, false
	}
	n, err := strconv.Atoi(id[len("d-"):])
	return n, err == nil
}
