// Package city is the list of cities, which is a setting of the components that accept a city from a client.
package city

import (
	"strings"

	"deals.example/internal/settings"
)

// List is the setting.
type List struct {
	Names []string
}

// Declare implements settings.Declarer.
func (l *List) Declare(s *settings.Set) {
	initial := []string{"valencia", "madrid", "barcelona", "lisbon", "berlin", "paris", "rome"}
	s.List(&l.Names, "CITIES", initial, 100, "names of at most 64 letters from a to z", isName).
		Help("names of the cities, the same for deal-service and experience-api; a request that names none gets the first")
}

func isName(text string) bool {
	const longest = 64
	return text != "" && len(text) <= longest && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") == ""
}

// Default returns the city of a request that names none.
func (l List) Default() string { return l.Names[0] }

// Find returns the city with that name in lower case, and reports whether it exists. It ignores case.
func (l List) Find(name string) (string, bool) {
	for _, city := range l.Names {
		if strings.EqualFold(city, name) {
			return city, true
		}
	}
	return "", false
}
