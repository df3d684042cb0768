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
	LatencyMinMs float64 `json:"latencyMinMs" binding:"min=0,max=30000" allowed:"0 to 30000 milliseconds"`
	LatencyMaxMs float64 `json:"latencyMaxMs" binding:"min=0,max=30000" allowed:"0 to 30000 milliseconds"`
	FailureRate  float64 `json:"failureRate" binding:"min=0,max=1" allowed:"0 to 1"`
	Blackhole    bool    `json:"blackhole" allowed:"true or false"`
	ForSeconds   float64 `json:"forSeconds" binding:"min=0,max=86400" allowed:"0 (until changed) to 86400"`
}

type answerBody struct {
	settingsBody

	Meta problem.Meta `json:"meta"`
}

// Register adds GET and PUT /admin/fault.
func (i *Injector) Register(routes gin.IRoutes) {
	routes.GET("/admin/fault", i.answer)
	routes.PUT("/admin/fault", i.change)
}

func (i *Injector) answer(c *gin.Context) {
	c.JSON(http.StatusOK, answerBody{i.body(), problem.NewMeta(c.Request.Context())})
}

// change takes any subset of the settings; what is left out stays as it is, but for the time, which starts anew.
func (i *Injector) change(c *gin.Context) {
	body := i.body()
	body.ForSeconds = 0
	if err := problem.DecodeJSON(c, &body); err != nil {
		problem.Write(c, err)
		return
	}
	profile := Profile{
		LatencyMin: milliseconds(body.LatencyMinMs), LatencyMax: milliseconds(body.LatencyMaxMs),
		FailureRate: body.FailureRate, Blackhole: body.Blackhole,
	}
	if err := i.Set(c.Request.Context(), profile, time.Duration(body.ForSeconds*float64(time.Second))); err != nil {
		problem.Write(c, problem.InvalidArgument("latencyMinMs", profile.LatencyMin.String(), "at most latencyMaxMs, which is "+profile.LatencyMax.String()))
		return
	}
	i.answer(c)
}

func (i *Injector) body() settingsBody {
	p, left := i.Profile()
	return settingsBody{
		LatencyMinMs: float64(p.LatencyMin) / float64(time.Millisecond), LatencyMaxMs: float64(p.LatencyMax) / float64(time.Millisecond),
		FailureRate: p.FailureRate, Blackhole: p.Blackhole, ForSeconds: math.Ceil(left.Seconds()),
	}
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
