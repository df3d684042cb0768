// Package cors takes the place of github.com/rs/cors in Alertmanager, whose API lets the pages of every origin read alerts and write
// silences, and has no flag against it. This one lets no other origin in.
package cors

import "net/http"

// Cors is a policy that allows no other origin.
type Cors struct{}

// Default returns the policy.
func Default() *Cors { return &Cors{} }

// Handler answers 403 to changes that a page of another origin asks for. Browsers keep other answers from such pages, since no header
// allows them.
func (*Cors) Handler(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(next)
}
