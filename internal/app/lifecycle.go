package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"deals.example/internal/httpguard"
	"deals.example/observability"
)

// flushTimeout is the timeout of closing clients, and of flushing telemetry.
const flushTimeout = 3 * time.Second

// run runs a component. It binds the port first, so that a second instance fails immediately.
func run(ctx context.Context, info Info, cfg Config, build func(context.Context, *Runtime) error) (err error) {
	address := net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%s cannot listen on %s: %w", info.Name, address, err)
	}
	defer func() { _ = listener.Close() }()
	// Telemetry, background loops and clients outlive ctx; the shutdown stops them in order.
	lasting := context.WithoutCancel(ctx)
	telemetry, err := observability.Start(lasting, cfg.Telemetry, observability.Identity{
		Service: info.Name, Instance: cfg.InstanceID, Version: Version(),
	}, os.Stdout)
	if err != nil {
		return fmt.Errorf("start telemetry of %s: %w", info.Name, err)
	}
	debug.SetGCPercent(cfg.GCPercent)
	rt := newRuntime(info, cfg, telemetry)
	defer func() { err = errors.Join(err, finish(lasting, rt, telemetry)) }()
	if err := build(lasting, rt); err != nil {
		return fmt.Errorf("build %s: %w", info.Name, err)
	}
	return serve(ctx, rt, cfg, listener)
}

// serve serves until ctx ends or a part fails, then shuts down in this order:
//
//  1. not ready: /readyz responds with 503; requests are served for DRAIN_GRACE;
//  2. stop intake: new requests get 503 shutting_down, workers take no further jobs;
//  3. drain: work in flight finishes within DRAIN_TIMEOUT;
//  4. stop the server and the background loops.
//
// Then finish closes the clients (5) and flushes the telemetry (6). /healthz, /readyz and /metrics respond until step 4.
func serve(ctx context.Context, rt *Runtime, cfg Config, listener net.Listener) error {
	lasting, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	failed, wait := rt.startLoops(lasting)
	server := newServer(lasting, rt, cfg, listener)
	rt.health.setReady(true) // before the first answer, which would else ask its client to go elsewhere
	serverFailed := server.start()
	if !httpguard.Loopback(listener.Addr()) && !rt.Guard.HasToken() {
		rt.Logger.WarnContext(ctx, "no ADMIN_TOKEN is set: calls from other machines can change nothing", "address", listener.Addr().String())
	}
	rt.Logger.InfoContext(ctx, "ready", "address", listener.Addr().String(), "version", Version())

	var failure error
	select {
	case <-ctx.Done():
		rt.Logger.InfoContext(ctx, "shutting down")
	case failure = <-failed:
	case failure = <-serverFailed:
	}
	failure = errors.Join(failure, drain(lasting, rt, cfg))
	end()
	server.stop(ctx)
	wait()
	return failure
}

func drain(ctx context.Context, rt *Runtime, cfg Config) error {
	rt.health.setReady(false)
	pause(ctx, cfg.DrainGrace)
	rt.gate.close()
	bounded, cancel := context.WithTimeout(ctx, cfg.DrainTimeout)
	defer cancel()
	err := rt.drain(bounded)
	if left := rt.gate.wait(bounded); left > 0 {
		err = errors.Join(err, fmt.Errorf("%d requests were still in flight after %s", left, cfg.DrainTimeout))
	}
	return err
}

func finish(ctx context.Context, rt *Runtime, telemetry *observability.Telemetry) error {
	closing, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	err := rt.close(closing)
	rt.Logger.InfoContext(ctx, "stopped", "clean", err == nil)
	flushing, cancelFlush := context.WithTimeout(ctx, flushTimeout)
	defer cancelFlush()
	if flushErr := telemetry.Shutdown(flushing); flushErr != nil {
		rt.Logger.WarnContext(ctx, "flush telemetry", "error", flushErr) // does not affect the exit code
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Version returns the commit or the module version of the build, "devel" if both are unknown.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), 12)]
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "devel"
}
