// Package experiments holds the catalog: for each experiment what it does, <id>.yaml, and its explanation, <id>.md. The explanation is rendered
// ahead of the build, as <id>.html.
package experiments

import "embed"

// Files are the experiments with their rendered explanations.
//
//go:generate go test . -run "TestExplanations|TestSamplesOfAlerting" -update
//go:embed *.yaml *.html *.txt
var Files embed.FS
