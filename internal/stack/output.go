package stack

import (
	"io"

	"deals.example/internal/process"
)

// lastLines is how many lines of a process are shown again when it dies.
const lastLines = 5

// output takes what one process writes: all of it to its log file, to the console what a person wants to see now.
type output struct {
	name    string
	color   string
	console *console
	log     *logFile
	quiet   bool // print nothing
	verbose bool // print every line
	raw     bool // print lines as they are
	last    *process.Tail
}

// copy takes all lines of r, until r ends.
func (o *output) copy(r io.Reader) { process.ReadLines(r, o.take) }

func (o *output) take(line []byte) {
	if err := o.log.write(line); err != nil {
		o.console.say("the output of %s is no longer kept: %v", o.name, err)
	}
	o.last.Add(line)
	text, notable := o.render(line)
	if o.verbose || notable && !o.quiet {
		o.console.line(o.name, o.color, text)
	}
}

// render returns a line as the console prints it. A line that is no log record is always notable: it is what a process
// says when it can't log, such as a panic.
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

// showLast prints the last lines again, whatever the console has shown of them, and forgets them.
func (o *output) showLast() {
	for _, line := range o.last.Take() {
		text, _ := o.render([]byte(line))
		o.console.line(o.name, o.color, "    "+text)
	}
}
