package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// component returns a component without settings and with the experience API's metrics.
func component(build func(rt *app.Runtime)) app.Component {
	info := app.Info{Name: "experience-api", Metrics: app.ExperienceMetrics}
	return app.Define(info, func(_ context.Context, rt *app.Runtime, _ settings.None) error {
		build(rt)
		return nil
	})
}

// run runs a component with GET /hello and the parts that build adds.
func run(t *testing.T, environ map[string]string, build func(rt *app.Runtime)) *testkit.Instance {
	t.Helper()
	return testkit.Run(t, component(func(rt *app.Runtime) {
		rt.Router.GET("/hello", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"hello": "world"}) })
		build(rt)
	}), environ)
}

// nothing adds no parts.
func nothing(*app.Runtime) {}

// problemBody is the body of an error.
type problemBody struct {
	Error, Code string
	Warnings    []string
	Meta        struct{ RequestID string }
}

func problemOf(t *testing.T, answer testkit.Answer) problemBody {
	t.Helper()
	var body problemBody
	require.NoError(t, json.Unmarshal([]byte(answer.Body), &body), answer.Body)
	require.NotNil(t, body.Warnings)
	require.NotEmpty(t, body.Meta.RequestID)
	return body
}
