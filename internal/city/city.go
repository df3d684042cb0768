// Package city is the list of cities, a setting of the components that take a city from their callers.
package city

import "strings"

// List is the setting.
type List struct {
	Names []string `env:"CITIES" envDefault:"valencia,madrid,barcelona,lisbon,berlin,paris,rome" validate:"min=1,max=100,unique,dive,alpha,lowercase,max=64" help:"names of the cities, the same for deal-service and experience-api; a request that names none gets the first"`
}

// Default returns the city of a request that names none.
func (l List) Default() string { return l.Names[0] }

// Find returns the city of that name in lower case, and whether there is one. Case does not matter.
func (l List) Find(name string) (string, bool) {
	for _, city := range l.Names {
		if strings.EqualFold(city, name) {
			return city, true
		}
	}
	return "", false
}
