package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Memory is what a client was told, in the order in which it came. All methods may be called at once from several
// goroutines.
type Memory struct {
	who     id.UserID
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each news
	seen    []Sighting
	ended   error // why the client ended by itself
}

// Sighting is an event, and when it reached the client.
type Sighting struct {
	*event.Event
	At time.Time
}

// NewMemory makes the memory of a user's client, with nothing in it.
func NewMemory(who id.UserID) *Memory { return &Memory{who: who, changed: make(chan struct{})} }

// Take remembers an event, whose content is parsed.
func (m *Memory) Take(evt *event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = append(m.seen, Sighting{Event: evt, At: time.Now()})
	m.wake()
}

// End tells that nothing more will come, and why; that it was asked to stop is no reason.
func (m *Memory) End(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !errors.Is(err, context.Canceled) {
		m.ended = err
	}
	m.wake()
}

// wake tells all who wait; the caller holds mu.
func (m *Memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Mark is where what comes next begins, for Since and Sees.
func (m *Memory) Mark() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.seen)
}

// Since returns what was seen from a mark on; 0 is the beginning.
func (m *Memory) Since(mark int) []Sighting {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[mark:len(m.seen):len(m.seen)]
}

// Seen returns the events, from a mark on, of which fact holds.
func (m *Memory) Seen(mark int, fact func(*event.Event) bool) []*event.Event {
	var found []*event.Event
	for _, one := range m.Since(mark) {
		if fact(one.Event) {
			found = append(found, one.Event)
		}
	}
	return slices.Clip(found)
}

// Sees waits until the client has an event, from a mark on, of which fact holds; fact is asked once about each, in
// the order in which they came. what completes "… did not see …".
func (m *Memory) Sees(ctx context.Context, mark int, what string, fact func(*event.Event) bool) (Sighting, error) {
	for {
		m.mu.Lock()
		news, changed, ended := m.seen[mark:], m.changed, m.ended
		m.mu.Unlock()
		for _, one := range news {
			if fact(one.Event) {
				return one, nil
			}
		}
		mark += len(news)
		if ended != nil {
			return Sighting{}, fmt.Errorf("%s lost the homeserver: %w", m.who, ended)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Sighting{}, fmt.Errorf("%s did not see %s %w", m.who.Localpart(), what, InTime(ctx.Err()))
		}
	}
}

// errInTime completes "… did not see … in time".
var errInTime = errors.New("in time")

// InTime gives a time limit that has passed the words that people read; other ends of a context stay as they are.
func InTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errInTime
	}
	return err
}
