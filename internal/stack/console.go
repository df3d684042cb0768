package stack

import (
	"fmt"
	"io"
	"log/slog"
)

// ANSI escape sequences.
const (
	colorReset  = "\x1b[0m"
	colorRed    = "\x1b[31m"
	colorYellow = "\x1b[33m"
	colorBold   = "\x1b[1m"
)

// ownName is the name of lines printed by the stack itself.
const ownName = "up"

// console prints whole lines with the names of their processes. It is safe for concurrent use.
type console struct {
	*printer

	color bool
	width int // of the widest name
}

func newConsole(out io.Writer, color bool, processes []Process) *console {
	c := &console{printer: newPrinter(out), color: color, width: len(ownName)}
	for _, p := range processes {
		c.width = max(c.width, len(p.Name))
	}
	return c
}

// say prints a line under ownName.
func (c *console) say(format string, args ...any) {
	c.line(ownName, colorBold, fmt.Sprintf(format, args...))
}

// line prints text under name.
func (c *console) line(name, color, text string) {
	prefix := pad(name, c.width) + " | "
	if c.color {
		prefix = color + prefix + colorReset
	}
	c.print(prefix + text + "\n")
}

// level returns a log level padded to a fixed width. Warnings and errors are coloured.
func (c *console) level(level slog.Level) string {
	text := pad(level.String(), len("ERROR"))
	switch {
	case !c.color || level < slog.LevelWarn:
		return text
	case level < slog.LevelError:
		return colorYellow + text + colorReset
	default:
		return colorRed + text + colorReset
	}
}

// nameColor returns the colour of the nth process's name: six colours that are readable on black and on white, then the same in bold,
// repeating.
func nameColor(n int) string {
	colors := [...]string{"36", "32", "35", "34", "33", "31"}
	code := colors[n%len(colors)]
	if n/len(colors)%2 == 1 {
		code = "1;" + code
	}
	return "\x1b[" + code + "m"
}
