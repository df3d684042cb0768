// Package critical is the critical worker. It runs the workflow of purchases: fraud check, analytics event and email receipt. The record of
// the purchase contains each completed step, so that a retry resumes after it.
package critical

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/fault"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/settings"
)

// Config is the settings of the worker.
type Config struct {
	Concurrency int

	FraudMin  time.Duration
	FraudMax  time.Duration
	FraudRate float64

	AnalyticsMin  time.Duration
	AnalyticsMax  time.Duration
	AnalyticsRate float64

	ReceiptMin  time.Duration
	ReceiptMax  time.Duration
	ReceiptRate float64

	Redis app.RedisConfig
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Int(&c.Concurrency, "CRITICAL_WORKER_CONCURRENCY", 10).Between(1, 1000).Help("purchases processed concurrently")
	s.Duration(&c.FraudMin, "FAULT_FRAUD_LATENCY_MIN", 20*time.Millisecond).Between(0, 30*time.Second).
		Help("minimum time of a fraud check, uniform up to FAULT_FRAUD_LATENCY_MAX")
	s.Duration(&c.FraudMax, "FAULT_FRAUD_LATENCY_MAX", 140*time.Millisecond).Between(0, 30*time.Second).
		Help("maximum time of a fraud check")
	s.Float(&c.FraudRate, "FAULT_FRAUD_RATE", 0.08).Between(0, 1).Help("share of fraud checks that fail synthetically")
	s.Duration(&c.AnalyticsMin, "FAULT_ANALYTICS_LATENCY_MIN", 10*time.Millisecond).Between(0, 30*time.Second).
		Help("minimum time of an analytics event, uniform up to FAULT_ANALYTICS_LATENCY_MAX")
	s.Duration(&c.AnalyticsMax, "FAULT_ANALYTICS_LATENCY_MAX", 70*time.Millisecond).Between(0, 30*time.Second).
		Help("maximum time of an analytics event")
	s.Float(&c.AnalyticsRate, "FAULT_ANALYTICS_RATE", 0.03).Between(0, 1).
		Help("share of analytics events that fail synthetically")
	s.Duration(&c.ReceiptMin, "FAULT_RECEIPT_LATENCY_MIN", 30*time.Millisecond).Between(0, 30*time.Second).
		Help("minimum time of an email receipt, uniform up to FAULT_RECEIPT_LATENCY_MAX")
	s.Duration(&c.ReceiptMax, "FAULT_RECEIPT_LATENCY_MAX", 110*time.Millisecond).Between(0, 30*time.Second).
		Help("maximum time of an email receipt")
	s.Float(&c.ReceiptRate, "FAULT_RECEIPT_RATE", 0.05).Between(0, 1).Help("share of email receipts that fail synthetically")
	c.Redis.Declare(s)
}

// Build puts the worker on rt.
func Build(ctx context.Context, rt *app.Runtime, cfg Config) error {
	work, err := cfg.work()
	if err != nil {
		return err
	}
	traced, err := rt.Redis(cfg.Redis)
	if err != nil {
		return err
	}
	purchases, err := purchase.NewStore(traced)
	if err != nil {
		return err
	}
	rdb, err := rt.QueueRedis(cfg.Redis)
	if err != nil {
		return err
	}
	w := &worker{purchases: purchases, work: work, logger: rt.Logger}
	deps := queue.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger}
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: cfg.Concurrency}, deps, w.complete)
	if err != nil {
		return err
	}
	rt.OnDrain("jobs", server.Shutdown)
	return server.Start(ctx)
}

// work returns the synthetic work of each step.
func (c Config) work() (map[string]fault.Work, error) {
	fraud, fraudErr := fault.NewWork(c.FraudMin, c.FraudMax, c.FraudRate)
	analytics, analyticsErr := fault.NewWork(c.AnalyticsMin, c.AnalyticsMax, c.AnalyticsRate)
	receipt, receiptErr := fault.NewWork(c.ReceiptMin, c.ReceiptMax, c.ReceiptRate)
	var errs []error
	for name, err := range map[string]error{"FRAUD": fraudErr, "ANALYTICS": analyticsErr, "RECEIPT": receiptErr} {
		if err != nil {
			errs = append(errs, fmt.Errorf("FAULT_%[1]s_LATENCY_MIN, FAULT_%[1]s_LATENCY_MAX: %[2]w", name, err))
		}
	}
	return map[string]fault.Work{
		purchase.FraudCheck:     fraud,
		purchase.AnalyticsEvent: analytics,
		purchase.EmailReceipt:   receipt,
	}, errors.Join(errs...)
}

// worker processes the jobs of the queue.
type worker struct {
	purchases *purchase.Store
	work      map[string]fault.Work // by step
	logger    *slog.Logger
}

// complete runs the workflow of a purchase from the first step that is not completed. It may run concurrently for one purchase, if asynq
// recovers the job of a worker that still runs. The work of a step is then repeated, but its effect happens once.
func (w *worker) complete(ctx context.Context, job queue.PurchaseJob) error {
	for _, step := range purchase.Steps() {
		if err := w.step(ctx, job.PurchaseID, step); err != nil {
			return err
		}
	}
	w.logger.InfoContext(ctx, "purchase completed", "purchase_id", job.PurchaseID)
	return nil
}

func (w *worker) step(ctx context.Context, id, step string) error {
	done, err := w.purchases.Begin(ctx, id, step)
	switch {
	case errors.Is(err, purchase.ErrNotFound):
		return queue.Permanent(err) // it is unknown whether the receipt was sent
	case err != nil:
		return err
	case done:
		return nil
	}
	err = queue.Step(ctx, step, func(ctx context.Context) error {
		if err := w.work[step].Do(ctx); err != nil {
			return err
		}
		if err := w.purchases.Finish(ctx, id, step); err != nil {
			return err
		}
		w.logger.InfoContext(ctx, "purchase step completed", "purchase_id", id, "step", step)
		return nil
	})
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, w.purchases.Fail(ctx, id, step, err))
	}
	return err
}
