package listing

import (
	"bytes"
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"deals.example/internal/card"
)

// readTimeout bounds the round trip for the cards of a page. After it the cards count as missing.
const readTimeout = 250 * time.Millisecond

// snapshot is the cards of a page as they were in Redis at readAt. But for renewing it is immutable.
type snapshot struct {
	entries []card.Entry // in the order of the page's deals
	states  []state
	counts  Counts // of hits, stale and misses
	encoded []byte // the whole array, when every card is fresh
	readAt  time.Time
	err     error // not nil if Redis did not answer; every entry is missing then

	renewing atomic.Bool // the next snapshot is being read
}

// state of a card.
type state int

const (
	missing state = iota
	stale
	fresh
)

func (s *snapshot) fresh() bool { return s.counts.Hits == len(s.entries) }

// snapshot returns the cards of a page. From three quarters of the configured age on the next snapshot is read in the background, so that under load
// nobody waits for Redis; from the whole age on, the caller waits for it.
func (l *Listing) snapshot(ctx context.Context, base *basePage) *snapshot {
	if l.cfg.SnapshotAge == 0 {
		return l.read(ctx, base.ids)
	}
	if s := base.cards.recent(l.cfg.SnapshotAge); s != nil {
		if time.Since(s.readAt) >= l.cfg.SnapshotAge*3/4 && s.renewing.CompareAndSwap(false, true) {
			l.reads.Start(ctx, base.cards, func(ctx context.Context) (*snapshot, error) { return l.renew(ctx, base), nil })
		}
		return s
	}
	s, _, err := l.reads.Do(ctx, base.cards, func(ctx context.Context) (*snapshot, error) {
		if s := base.cards.recent(l.cfg.SnapshotAge); s != nil { // a flight landed since this caller looked
			return s, nil
		}
		return l.renew(ctx, base), nil
	})
	if err != nil { // the caller's time is up
		return unread(len(base.ids), err)
	}
	return s
}

func (l *Listing) renew(ctx context.Context, base *basePage) *snapshot {
	s := l.read(ctx, base.ids)
	base.cards.last.Store(s)
	return s
}

// recent returns the last snapshot, or nil if there is none or it is older than age.
func (p *pageCards) recent(age time.Duration) *snapshot {
	if s := p.last.Load(); s != nil && time.Since(s.readAt) < age {
		return s
	}
	return nil
}

func unread(n int, err error) *snapshot {
	return &snapshot{
		entries: make([]card.Entry, n), states: make([]state, n), encoded: []byte("[]"), // a page without deals needs no cards
		counts: Counts{Misses: n}, readAt: time.Now(), err: err,
	}
}

func (l *Listing) read(ctx context.Context, ids []string) *snapshot {
	if len(ids) == 0 {
		return &snapshot{encoded: []byte("[]"), readAt: time.Now()}
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	entries, err := l.deps.Cards.Get(ctx, ids)
	if err != nil {
		l.deps.Logger.WarnContext(ctx, "read model not read", "error", err)
		return unread(len(ids), err)
	}
	return l.classify(entries)
}

func (l *Listing) classify(entries []card.Entry) *snapshot {
	s := &snapshot{entries: entries, states: make([]state, len(entries)), readAt: time.Now()}
	for i, entry := range entries {
		switch {
		case !entry.Found():
			s.counts.Misses++
		case l.deps.Cards.Stale(entry.UpdatedAt, s.readAt):
			s.states[i] = stale
			s.counts.Stale++
		default:
			s.states[i] = fresh
			s.counts.Hits++
		}
	}
	if s.fresh() {
		encoded := make([][]byte, len(entries))
		for i, entry := range entries {
			encoded[i] = entry.Encoded
		}
		s.encoded = array(encoded)
	}
	return s
}

// array joins encoded values to a JSON array.
func array(encoded [][]byte) []byte {
	size := 2 + len(encoded)
	for _, one := range encoded {
		size += len(one)
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	out.WriteByte('[')
	for i, one := range encoded {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(one)
	}
	out.WriteByte(']')
	return out.Bytes()
}

func encode(composed card.Card) []byte {
	encoded, err := json.Marshal(composed)
	if err != nil {
		return []byte("null")
	}
	return encoded
}
