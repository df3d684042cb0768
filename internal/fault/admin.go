package fault

import (
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/problem"
)

// settingsBody is the fault settings as JSON.
type settingsBody struct {
	LatencyMinMs float64      `json:"latencyMinMs"`
	LatencyMaxMs float64      `json:"latencyMaxMs"`
	SlowRate     float64      `json:"slowRate"`
	SlowFactor   float64      `json:"slowFactor"`
	FailureRate  float64      `json:"failureRate"`
	Blackhole    bool         `json:"blackhole"`
	ForSeconds   float64      `json:"forSeconds"` // 0: until changed
	Meta         problem.Meta `json:"meta"`
}

// Change is any subset of the settings. Fields that are nil do not change. ForSeconds always applies.
type Change struct {
	LatencyMinMs *float64 `json:"latencyMinMs,omitempty" minimum:"0" maximum:"30000"`
	LatencyMaxMs *float64 `json:"latencyMaxMs,omitempty" minimum:"0" maximum:"30000"`
	SlowRate     *float64 `json:"slowRate,omitempty" minimum:"0" maximum:"1"`
	SlowFactor   *float64 `json:"slowFactor,omitempty" minimum:"1" maximum:"100"`
	FailureRate  *float64 `json:"failureRate,omitempty" minimum:"0" maximum:"1"`
	Blackhole    *bool    `json:"blackhole,omitempty"`
	ForSeconds   float64  `json:"forSeconds,omitempty" minimum:"0" maximum:"86400"`
}

// Register adds GET and PUT /admin/fault.
func (i *Injector) Register(routes gin.IRoutes) {
	routes.GET("/admin/fault", i.answer)
	routes.PUT("/admin/fault", i.change)
}

func (i *Injector) answer(c *gin.Context) {
	p, left := i.Profile()
	c.JSON(http.StatusOK, settingsBody{
		LatencyMinMs: toMilliseconds(p.LatencyMin), LatencyMaxMs: toMilliseconds(p.LatencyMax),
		SlowRate: p.SlowRate, SlowFactor: p.SlowFactor, FailureRate: p.FailureRate, Blackhole: p.Blackhole, ForSeconds: math.Ceil(left.Seconds()),
		Meta: problem.NewMeta(c.Request.Context()),
	})
}

func (i *Injector) change(c *gin.Context) {
	var body Change
	if err := problem.DecodeJSON(c, &body); err != nil {
		problem.Write(c, err)
		return
	}
	// Rounded up, since 0 means without end.
	lasts := time.Duration(math.Ceil(body.ForSeconds * float64(time.Second)))
	wanted, err := i.Update(c.Request.Context(), lasts, body.applyTo)
	if err != nil {
		problem.Write(c, problem.InvalidArgument("latencyMinMs", wanted.LatencyMin.String(), "at most latencyMaxMs, which is "+wanted.LatencyMax.String()))
		return
	}
	i.answer(c)
}

func (b Change) applyTo(p Profile) Profile {
	if b.LatencyMinMs != nil {
		p.LatencyMin = fromMilliseconds(*b.LatencyMinMs)
	}
	if b.LatencyMaxMs != nil {
		p.LatencyMax = fromMilliseconds(*b.LatencyMaxMs)
	}
	set(&p.SlowRate, b.SlowRate)
	set(&p.SlowFactor, b.SlowFactor)
	set(&p.FailureRate, b.FailureRate)
	set(&p.Blackhole, b.Blackhole)
	return p
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func fromMilliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func toMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
