package stack

import (
	"io"

	"deals.example/internal/process"
)

// lastLines is the number of lines that are printed again when a process exits.
const lastLines = 5

// output writes the output of a process to its log file, and notable lines to the console.
type output struct {
	name    string
	color   string
	console *console
	log     *logFile
	quiet   bool // print nothing
	verbose bool // print every line
	raw     bool // do not shorten log records
	last    *process.Tail
}

// copy takes all lines of r.
func (o *output) copy(r io.Reader) { process.ReadLines(r, o.take) }

func (o *output) take(line []byte) {
	if err := o.log.write(line); err != nil {
		o.console.say("the output of %s is no longer written to its log file: %v", o.name, err)
	}
	o.last.Add(line)
	text, notable := o.render(line)
	if o.verbose || notable && !o.quiet {
		o.console.line(o.name, o.color, text)
	}
}

// render returns the console's text of a line, and whether the line is notable. Lines that are not log records, such as panics, are always
// notable.
func (o *output) render(line []byte) (text string, notable bool) {
	parsed, isRecord := parseRecord(line)
	notable = !isRecord || parsed.notable()
	switch {
	case o.raw:
		return string(line), notable
	case isRecord:
		return parsed.text(o.console.level), notable
	default:
		return printable(string(line)), notable
	}
}

// showLast prints and clears the last lines.
func (o *output) showLast() {
	for _, line := range o.last.Take() {
		text, _ := o.render([]byte(line))
		o.console.line(o.name, o.color, "    "+text)
	}
}
