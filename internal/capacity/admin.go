package capacity

import (
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/criticality"
	"deals.example/internal/problem"
	"deals.example/internal/slots"
)

// settingsBody is the capacity settings as JSON, with what goes on.
type settingsBody struct {
	Capacity   int              `json:"capacity"`
	Queue      int              `json:"queue"`
	Discipline slots.Discipline `json:"discipline"`
	SlowAbove  float64          `json:"slowAbove"`
	Slowdown   float64          `json:"slowdown"`
	Abandoned  Abandoned        `json:"abandoned"`
	ForSeconds float64          `json:"forSeconds"` // 0: until changed
	Busy       int              `json:"busy"`
	Waiting    int              `json:"waiting"`
	Meta       problem.Meta     `json:"meta"`
}

// Change is any subset of the settings. Fields that are nil do not change. ForSeconds always applies.
type Change struct {
	Capacity   *int              `json:"capacity,omitempty" minimum:"1" maximum:"100000"`
	Queue      *int              `json:"queue,omitempty" minimum:"0" maximum:"1000000"`
	Discipline *slots.Discipline `json:"discipline,omitempty" enum:"fifo,unbounded,lifo-codel"`
	SlowAbove  *float64          `json:"slowAbove,omitempty" minimum:"0" maximum:"1"`
	Slowdown   *float64          `json:"slowdown,omitempty" minimum:"1" maximum:"100"`
	Abandoned  *Abandoned        `json:"abandoned,omitempty" enum:"drop,serve"`
	ForSeconds float64           `json:"forSeconds,omitempty" minimum:"0" maximum:"86400"`
}

// Register adds GET and PUT /admin/capacity.
func (s *Server) Register(routes gin.IRoutes) {
	routes.GET("/admin/capacity", s.answer)
	routes.PUT("/admin/capacity", s.change)
}

func (s *Server) answer(c *gin.Context) {
	state, load := s.profile.State(), s.pool.Load(criticality.Sheddable)
	p := state.Value
	c.JSON(http.StatusOK, settingsBody{
		Capacity: p.Slots, Queue: p.Queue, Discipline: p.Discipline, SlowAbove: p.SlowAbove, Slowdown: p.Slowdown, Abandoned: p.Abandoned,
		ForSeconds: math.Ceil(state.Left.Seconds()), Busy: load.Busy, Waiting: s.waiting(), Meta: problem.NewMeta(c.Request.Context()),
	})
}

func (s *Server) change(c *gin.Context) {
	var body Change
	if err := problem.DecodeJSON(c, &body); err != nil {
		problem.Write(c, err)
		return
	}
	// Rounded up: a change for less than a nanosecond is still not for good.
	lasts := time.Duration(math.Ceil(body.ForSeconds * float64(time.Second)))
	if err := s.Update(c.Request.Context(), lasts, body.applyTo); err != nil {
		problem.Write(c, err)
		return
	}
	s.answer(c)
}

func (b Change) applyTo(p Profile) Profile {
	set(&p.Slots, b.Capacity)
	set(&p.Queue, b.Queue)
	set(&p.Discipline, b.Discipline)
	set(&p.SlowAbove, b.SlowAbove)
	set(&p.Slowdown, b.Slowdown)
	set(&p.Abandoned, b.Abandoned)
	return p
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
