package rating_test

import (
	"testing"

	"go.uber.org/goleak"

	"deals.example/internal/app"
	"deals.example/internal/testkit"
	"deals.example/services/rating"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLookup(t *testing.T) {
	testkit.Lookup{
		Service: app.Define(app.Info{Name: "rating-service-a", Metrics: app.DomainMetrics}, rating.Build),
		Path:    "/rating/", Known: "d-00017", Unknown: "d-00221",
		Answer: `{"dealId":"d-00017","rating":4.9,"reviewCount":37,"recommendationRate":89}`,
	}.Test(t)
}
