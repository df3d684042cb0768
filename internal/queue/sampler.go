package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

const (
	sampleInterval = time.Second
	sampleWindow   = 10              // number of samples for the drain rate
	sampleStale    = 3 * time.Second // age at which a sample is not exported
)

// sampler counts the jobs of the queues at regular intervals. As a Prometheus collector it exports the latest counts. While Redis is
// unavailable the gauges are absent.
type sampler struct {
	counter counter
	logger  *slog.Logger

	depth, dead, oldest *prometheus.Desc

	mu      sync.Mutex
	samples map[string][]counts // by queue, oldest first, at most sampleWindow
}

func newSampler(rdb redis.UniversalClient, logger *slog.Logger) *sampler {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"queue"}, nil)
	}
	return &sampler{
		counter: newCounter(rdb),
		logger:  logger,
		depth:   describe("experience_queue_depth", "Unfinished jobs: pending, active, scheduled, waiting for a retry or aggregating."),
		dead:    describe("experience_queue_dlq_depth", "Dead jobs in the DLQ."),
		oldest:  describe("experience_queue_oldest_job_age_seconds", "Age of the oldest pending job, 0 if there is none."),
		samples: map[string][]counts{},
	}
}

// run samples until ctx ends. It logs the first failure of a series and the recovery.
func (s *sampler) run(ctx context.Context) {
	ticker := time.NewTicker(sampleInterval)
	defer ticker.Stop()
	failing := false
	for {
		err := s.sample(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			s.logger.WarnContext(ctx, "sampling of queues failed", "error", err)
		case err == nil && failing:
			s.logger.InfoContext(ctx, "sampling of queues recovered")
		}
		failing = err != nil
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *sampler) sample(ctx context.Context) error {
	for _, queue := range Names() {
		counts, err := s.counter.count(ctx, queue)
		if err != nil {
			return err
		}
		s.add(queue, counts)
	}
	return nil
}

func (s *sampler) add(queue string, c counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	samples := s.samples[queue]
	if len(samples) > 0 && c.completed < samples[len(samples)-1].completed {
		samples = nil // Redis was flushed: older counts are not comparable
	}
	samples = append(samples, c)
	s.samples[queue] = samples[max(0, len(samples)-sampleWindow):]
}

// drainRate returns the completed jobs per second of a queue, or a negative number if there are fewer than two samples.
func (s *sampler) drainRate(queue string) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	samples := s.samples[queue]
	if len(samples) < 2 {
		return -1
	}
	first, last := samples[0], samples[len(samples)-1]
	return float64(last.completed-first.completed) / last.at.Sub(first.at).Seconds()
}

// Describe implements prometheus.Collector.
func (s *sampler) Describe(descs chan<- *prometheus.Desc) {
	descs <- s.depth
	descs <- s.dead
	descs <- s.oldest
}

// Collect implements prometheus.Collector.
func (s *sampler) Collect(metrics chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for queue, samples := range s.samples {
		last := samples[len(samples)-1]
		if time.Since(last.at) > sampleStale {
			continue
		}
		metrics <- prometheus.MustNewConstMetric(s.depth, prometheus.GaugeValue, float64(last.depth), queue)
		metrics <- prometheus.MustNewConstMetric(s.dead, prometheus.GaugeValue, float64(last.dead), queue)
		metrics <- prometheus.MustNewConstMetric(s.oldest, prometheus.GaugeValue, last.oldest.Seconds(), queue)
	}
}
