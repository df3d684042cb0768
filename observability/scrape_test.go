package observability_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/observability"
)

// gathered returns the values of a counter and of metrics_age_seconds in an answer.
func gathered(t *testing.T, scrapes *observability.Scrapes) (sold float64, age float64) {
	t.Helper()
	answer := request(t.Context(), scrapes, protobufFormat)
	require.Equal(t, http.StatusOK, answer.Code)
	decoder := expfmt.NewDecoder(answer.Body, expfmt.ResponseFormat(answer.Header()))
	values := map[string]float64{}
	for {
		var family dto.MetricFamily
		if decoder.Decode(&family) != nil {
			break
		}
		metric := family.GetMetric()[0]
		values[family.GetName()] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
	}
	require.Contains(t, values, "metrics_age_seconds")
	return values["sold_total"], values["metrics_age_seconds"]
}

// TestScrapeWhileGatheringTakesLong: the process is saturated, and gathering takes longer than Prometheus would wait.
func TestScrapeWhileGatheringTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const quick, idle, long = 10 * time.Millisecond, 2 * time.Second, 3 * time.Second
		gathering := quick
		registry := prometheus.NewRegistry()
		sold := prometheus.NewCounter(prometheus.CounterOpts{Name: "sold_total", Help: "Deals sold."})
		slow := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "slow", Help: "Takes long."},
			func() float64 { <-time.After(gathering); return 1 })
		registry.MustRegister(sold, slow)
		scrapes := observability.NewScrapes(registry)

		sold.Inc()
		count, age := gathered(t, scrapes)
		assert.InDelta(t, 1, count, 0, "a scrape sees what happened before it")
		assert.InDelta(t, quick.Seconds(), age, 0)

		<-time.After(idle)
		sold.Inc()
		gathering = long
		start := time.Now()
		count, age = gathered(t, scrapes)
		took := time.Since(start)
		assert.InDelta(t, 1, count, 0, "the last metrics")
		assert.InDelta(t, (quick + idle + took).Seconds(), age, 0)
		assert.Less(t, took, time.Second)

		<-time.After(long)
		gathering = quick
		count, _ = gathered(t, scrapes)
		assert.InDelta(t, 2, count, 0)
		scrapes.Wait()
	})
}
