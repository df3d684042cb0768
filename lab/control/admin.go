package control

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
)

// Path is where a component answers about its controls.
const Path = "/admin/controls"

// List is the controls of a component.
type List struct {
	Component string       `json:"component"`
	Controls  []State      `json:"controls"`
	Meta      problem.Meta `json:"meta"`
}

// State is a control with the option in force.
type State struct {
	Name       string        `json:"name"`
	Help       string        `json:"help"`
	Option     string        `json:"option"`     // in force, such as "static=30"
	Start      string        `json:"start"`      // in force after a start of the component
	ForSeconds float64       `json:"forSeconds"` // until Start is back; 0: until changed
	Options    []OptionState `json:"options"`
}

// Check returns an error that says what is allowed unless the text is one of the options, or Default.
func (s State) Check(text string) error {
	c := Control{}
	for _, option := range s.Options {
		c.Options = append(c.Options, Option(option))
	}
	_, err := c.Parse(text)
	return err
}

// OptionState is an option of a control. Min and Max bound the number that follows its name, 0 if none does.
type OptionState struct {
	Name string `json:"name"`
	Help string `json:"help"`
	Min  int    `json:"min,omitempty"`
	Max  int    `json:"max,omitempty"`
}

// Change is the body of a PUT.
type Change struct {
	Control    string  `json:"control"`
	Option     string  `json:"option"` // such as "static=30", or Default
	ForSeconds float64 `json:"forSeconds,omitempty" minimum:"0" maximum:"86400"`
}

// Register adds GET, PUT and DELETE of Path: read the controls, switch one, and reset all.
func (s *Set) Register(routes gin.IRoutes) {
	routes.GET(Path, s.answer)
	routes.PUT(Path, s.change)
	routes.DELETE(Path, s.reset)
}

func (s *Set) answer(c *gin.Context) {
	list := List{Component: s.component, Controls: []State{}, Meta: problem.NewMeta(c.Request.Context())}
	for _, control := range s.controls {
		list.Controls = append(list.Controls, control.state())
	}
	c.JSON(http.StatusOK, list)
}

func (c *switched) state() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := State{Name: c.Name, Help: c.Help, Option: c.current.String(), Start: c.Start.String()}
	if !c.until.IsZero() {
		state.ForSeconds = math.Ceil(max(time.Until(c.until), 0).Seconds())
	}
	for _, option := range c.Options {
		state.Options = append(state.Options, OptionState(option))
	}
	return state
}

func (s *Set) change(c *gin.Context) {
	var body Change
	if err := problem.DecodeJSON(c, &body); err != nil {
		problem.Write(c, err)
		return
	}
	control := s.find(body.Control)
	if control == nil {
		problem.Write(c, problem.InvalidArgument("control", body.Control, s.allowed()))
		return
	}
	wanted, err := control.Parse(body.Option)
	if err != nil {
		problem.Write(c, problem.InvalidArgument("option", body.Option, control.Allowed()))
		return
	}
	// Rounded up, since 0 means without end.
	lasts := time.Duration(math.Ceil(body.ForSeconds * float64(time.Second)))
	if err := s.switchTo(c.Request.Context(), control, wanted, lasts); err != nil {
		problem.Write(c, err)
		return
	}
	s.answer(c)
}

func (s *Set) allowed() string {
	names := make([]string, 0, len(s.controls))
	for _, control := range s.controls {
		names = append(names, control.Name)
	}
	if len(names) == 0 {
		return "none: " + s.component + " has no controls"
	}
	return "one of " + strings.Join(names, ", ")
}

func (s *Set) reset(c *gin.Context) {
	for _, control := range s.controls {
		if err := s.switchTo(c.Request.Context(), control, control.Start, 0); err != nil {
			problem.Write(c, err)
			return
		}
	}
	s.answer(c)
}
