package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"deals.example/internal/testkit"
)

const (
	detailConnections = 50
	detailRound       = 10 * time.Second
	detailRounds      = 3
)

// BenchmarkDetail compares GET /api/deals/{id} of deals whose base data is cached to a bare program that asks the same five services without
// policies: the throughput of a closed loop, then the latencies of both at half of the bare program's. The services take 20 to 320 ms.
func BenchmarkDetail(b *testing.B) {
	platform := testkit.NewPlatform(b, program, telemetry(b), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	var urls []string
	for _, service := range []string{"deal-service", "price-service", "inventory-service", "rating-lb", "merchant-service"} {
		urls = append(urls, platform.URL(b, service))
	}
	bare := startBare(b, bareDetail, strings.Join(urls, "\n")) + "/d-%25d"
	address := platform.URL(b, "experience-api") + "/api/deals/d-%25d"
	drive(b, address, detailConnections, detailRound) // fills the caches
	for b.Loop() {
		var ours, theirs, p50, bareP50, p99, bareP99 []float64
		for range detailRounds {
			theirs = append(theirs, drive(b, bare, detailConnections, detailRound).rps())
			ours = append(ours, drive(b, address, detailConnections, detailRound).rps())
		}
		rate := median(theirs) / 2
		for range detailRounds {
			one := driveAt(b, bare, detailConnections, rate, detailRound)
			bareP50, bareP99 = append(bareP50, ms(one.quantile(0.5))), append(bareP99, ms(one.quantile(0.99)))
			one = driveAt(b, address, detailConnections, rate, detailRound)
			p50, p99 = append(p50, ms(one.quantile(0.5))), append(p99, ms(one.quantile(0.99)))
		}
		ratio := median(ours) / median(theirs)
		b.ReportMetric(ratio, "of-bare")
		results.add(fmt.Sprintf("detail, %d connections, against a bare program that makes the same calls", detailConnections),
			fmt.Sprintf("%.0f of %.0f rps = %.2f", median(ours), median(theirs), ratio), "0.90, better 0.97")
		results.add(fmt.Sprintf("detail p50 at %.0f a second against the bare program's", rate), fmt.Sprintf("%.0f of %.0f ms = %.2f", median(p50), median(bareP50), median(p50)/median(bareP50)),
			"at most 1.15, better 1.05")
		results.add(fmt.Sprintf("detail p99 at %.0f a second against the bare program's", rate), fmt.Sprintf("%.0f of %.0f ms = %.2f", median(p99), median(bareP99), median(p99)/median(bareP99)), "")
	}
	b.ReportMetric(0, "ns/op")
}
