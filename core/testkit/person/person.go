// Package person is somebody with a Matrix client. What /sync tells, and nothing else, is what the person knows: so the
// tests and the demonstration see Puente as an agent does.
package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/synapse"
)

// Person is somebody with a Matrix client and a memory of what it was told. All methods may be called at once from
// several goroutines.
type Person struct {
	*mautrix.Client

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each news
	seen    []Sighting
	ended   error // why /sync ended by itself

	cancel context.CancelFunc // nil: not following
	done   chan struct{}
}

// Sighting is an event, and when it reached the client.
type Sighting struct {
	*event.Event
	At time.Time
}

// logoutLimit bounds how long Stop tries to end the session at the homeserver.
const logoutLimit = 5 * time.Second

// LogIn logs a user of the homeserver in on a new device. Nothing is seen until Follow; encryption is to be set up
// before it. Stop ends the session.
func LogIn(ctx context.Context, server *synapse.Server, localpart, password string) (*Person, error) {
	token, deviceID, err := server.Login(ctx, localpart, password)
	if err != nil {
		return nil, err
	}
	client, err := mautrix.NewClient(server.URL(), id.NewUserID(localpart, server.ServerName()), token)
	if err != nil {
		return nil, fmt.Errorf("make a Matrix client: %w", err)
	}
	client.DeviceID = id.DeviceID(deviceID)
	p := &Person{Client: client, changed: make(chan struct{}), done: make(chan struct{})}
	syncer := mautrix.NewDefaultSyncer()
	syncer.ParseEventContent = true
	syncer.OnEvent(func(_ context.Context, evt *event.Event) { p.take(evt) })
	client.Syncer = syncer
	return p, nil
}

// Follow lets the client sync from now on, until Stop. It is called once; ctx lends its values only.
func (p *Person) Follow(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(p.done)
		p.end(p.SyncWithContext(ctx))
	}()
}

// Stop ends the session and waits for it.
func (p *Person) Stop() {
	if p.cancel != nil {
		p.cancel()
		<-p.done
	}
	ctx, cancel := context.WithTimeout(context.Background(), logoutLimit)
	defer cancel()
	_, _ = p.Logout(ctx) // a session left behind does no harm
	p.Client.Client.CloseIdleConnections()
}

func (p *Person) take(evt *event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, Sighting{Event: evt, At: time.Now()})
	p.wake()
}

func (p *Person) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !errors.Is(err, context.Canceled) {
		p.ended = err
	}
	p.wake()
}

// wake tells all who wait; the caller holds mu.
func (p *Person) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Mark is where what comes next begins, for Since and Sees.
func (p *Person) Mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// Since returns what was seen from a mark on; 0 is the beginning.
func (p *Person) Since(mark int) []Sighting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[mark:len(p.seen):len(p.seen)]
}

// Seen returns the events, from a mark on, of which fact holds.
func (p *Person) Seen(mark int, fact func(*event.Event) bool) []*event.Event {
	var found []*event.Event
	for _, one := range p.Since(mark) {
		if fact(one.Event) {
			found = append(found, one.Event)
		}
	}
	return slices.Clip(found)
}

// Sees waits until the client has an event, from a mark on, of which fact holds; fact is asked once about each, in
// the order in which they came. what completes "… did not see …".
func (p *Person) Sees(ctx context.Context, mark int, what string, fact func(*event.Event) bool) (Sighting, error) {
	for {
		p.mu.Lock()
		news, changed, ended := p.seen[mark:], p.changed, p.ended
		p.mu.Unlock()
		for _, one := range news {
			if fact(one.Event) {
				return one, nil
			}
		}
		mark += len(news)
		if ended != nil {
			return Sighting{}, fmt.Errorf("%s lost the homeserver: %w", p.UserID, ended)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Sighting{}, fmt.Errorf("%s did not see %s %w", p.UserID.Localpart(), what, InTime(ctx.Err()))
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
