// Package control switches the policies of a component while it runs, so that two of them can be compared under the same load.
package control

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Default is the name that stands for a control's option at the start.
const Default = "default"

// Control is a named policy of a component, with the options that it can be switched to.
type Control struct {
	Name    string
	Help    string
	Options []Option
	Start   Setting             // in force at the start
	Apply   func(Setting) error // switches; called by one goroutine at a time
}

// The options of OnOff.
const (
	On  = "on"
	Off = "off"
)

// OnOff returns the control of a policy that is on or off.
func OnOff(name, help string, start bool, apply func(on bool) error) Control {
	setting := Setting{Option: Off}
	if start {
		setting.Option = On
	}
	return Control{
		Name: name, Help: help, Options: []Option{{Name: On}, {Name: Off}}, Start: setting,
		Apply: func(s Setting) error { return apply(s.Option == On) },
	}
}

// Option is one way in which a policy can work.
type Option struct {
	Name     string
	Help     string
	Min, Max int // of the number that follows the name, as in static=30; both 0 if none does
}

// Setting is a chosen option.
type Setting struct {
	Option string
	Value  int // 0 if the option takes no number
}

// String returns the setting as Parse reads it, such as "adaptive" or "static=30".
func (s Setting) String() string {
	if s.Value == 0 {
		return s.Option
	}
	return s.Option + "=" + strconv.Itoa(s.Value)
}

// errOption is the cause of the errors of Parse.
var errOption = errors.New("not an option of the control")

// Parse returns the setting that text means. The error says what is allowed.
func (c Control) Parse(text string) (Setting, error) {
	if text == Default {
		return c.Start, nil
	}
	name, number, numbered := strings.Cut(text, "=")
	for _, option := range c.Options {
		if option.Name != name || numbered != (option.Max > 0) {
			continue
		}
		if !numbered {
			return Setting{Option: name}, nil
		}
		if value, err := strconv.Atoi(number); err == nil && value >= option.Min && value <= option.Max {
			return Setting{name, value}, nil
		}
	}
	return Setting{}, fmt.Errorf("%w: %s", errOption, c.Allowed())
}

// Allowed lists the options, for the text of an error.
func (c Control) Allowed() string {
	names := make([]string, 0, len(c.Options)+1)
	for _, option := range c.Options {
		names = append(names, option.String())
	}
	return "one of " + strings.Join(append(names, Default), ", ")
}

// String returns the option as a person would type it, such as "static=1..1000".
func (o Option) String() string {
	if o.Max == 0 {
		return o.Name
	}
	return fmt.Sprintf("%s=%d..%d", o.Name, o.Min, o.Max)
}

// check says what is wrong with the declaration, if anything.
func (c Control) check() error {
	if c.Name == "" || c.Help == "" || len(c.Options) < 2 || c.Apply == nil {
		return fmt.Errorf("control %q: name, help, two options and Apply are required", c.Name)
	}
	if slices.ContainsFunc(c.Options, func(o Option) bool { return o.Name == Default }) {
		return fmt.Errorf("control %q: the option name %q stands for the start", c.Name, Default)
	}
	if _, err := c.Parse(c.Start.String()); err != nil {
		return fmt.Errorf("control %q: start: got %q, want %s", c.Name, c.Start, c.Allowed())
	}
	return nil
}
