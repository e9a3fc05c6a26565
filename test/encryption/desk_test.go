package encryption

import (
	"context"
	"sync"
	"time"

	"puente/core/desk/channel"
)

// desk is the business floor: it writes down what it is told.
type desk struct {
	mu      sync.Mutex
	events  []channel.Event
	changed chan struct{}
}

func newDesk() *desk { return &desk{changed: make(chan struct{})} }

// HandleChannelEvent implements channel.Listener.
func (d *desk) HandleChannelEvent(_ context.Context, evt channel.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, evt)
	close(d.changed)
	d.changed = make(chan struct{})
	return nil
}

// waits returns when fact holds of all that the desk was told.
func (d *desk) waits(w *world, what string, fact func([]channel.Event) bool) {
	w.Helper()
	deadline := time.After(patience)
	for {
		d.mu.Lock()
		events, changed := append([]channel.Event(nil), d.events...), d.changed
		d.mu.Unlock()
		if fact(events) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			w.Fatalf("the desk was never told %s", what)
		}
	}
}
