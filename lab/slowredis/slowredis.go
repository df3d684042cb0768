// Package slowredis makes Redis slow for all its clients, so that an experiment can show what depends on it.
package slowredis

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"deals.example/internal/redisclient"
	"deals.example/lab/control"
)

const (
	minPause = 100  // milliseconds
	maxPause = 5000 // milliseconds: how long Redis stays paused when this process is killed

	// gap is the time between two pauses, in which Redis serves what has waited. Redis may notice the end of a pause 100 ms late.
	gap = 200 * time.Millisecond

	commandTimeout = time.Second
)

// Options of the control.
const (
	usual = "usual"
	slow  = "slow"
)

// Pauser pauses Redis again and again. It may be used concurrently.
//
// It uses CLIENT PAUSE, which ends by itself and holds the commands of the Pauser too. So Redis is as usual at most maxPause after the last
// pause, whatever has become of the Pauser.
type Pauser struct {
	client redis.UniversalClient
	logger *slog.Logger
	pause  atomic.Int64  // of a time.Duration; 0: none
	wake   chan struct{} // has a value once pause was 0 and is not any more
}

// New returns a Pauser that does nothing until its control is switched. The client should have no other user, since those take its
// connections during a pause.
func New(client redis.UniversalClient, logger *slog.Logger) *Pauser {
	return &Pauser{client: client, logger: logger, wake: make(chan struct{}, 1)}
}

// Control returns the control that says how slow Redis is.
func (p *Pauser) Control() control.Control {
	return control.Control{
		Name: "redis", Help: "how soon Redis answers all its clients, those of other components included", Start: control.Setting{Option: usual},
		Options: []control.Option{
			{Name: usual},
			{Name: slow, Help: "it is paused for this many milliseconds (`CLIENT PAUSE`), again and again with 200 ms between", Min: minPause, Max: maxPause},
		},
		Apply: p.apply,
	}
}

// apply makes the first pause itself, so that the switch fails if Redis refuses it.
func (p *Pauser) apply(s control.Setting) error {
	pause := time.Duration(s.Value) * time.Millisecond
	if pause > 0 && p.pause.Load() == 0 {
		if err := p.once(context.Background(), pause); err != nil {
			return err
		}
	}
	if p.pause.Swap(int64(pause)) == 0 && pause > 0 {
		select {
		case p.wake <- struct{}{}:
		default: // Run has not taken the last one yet
		}
	}
	return nil
}

// once pauses Redis once: all masters of a cluster.
func (p *Pauser) once(ctx context.Context, pause time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	each := func(ctx context.Context, node *redis.Client) error { return node.ClientPause(ctx, pause).Err() }
	if err := redisclient.EachMaster(ctx, p.client, each); err != nil {
		return fmt.Errorf("pause Redis for %s: %w", pause, err)
	}
	return nil
}

// Run repeats the pause while the control says so, until ctx ends.
func (p *Pauser) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
			p.repeat(ctx)
		}
	}
}

// repeat makes the next pause once the one before is over.
func (p *Pauser) repeat(ctx context.Context) {
	for p.pause.Load() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(p.pause.Load()) + gap):
		}
		pause := time.Duration(p.pause.Load())
		if pause == 0 {
			return
		}
		if err := p.once(ctx, pause); err != nil {
			p.logger.WarnContext(ctx, "Redis not paused", "error", err)
		}
	}
}
