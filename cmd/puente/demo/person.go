package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/synapse"
)

// person is somebody with a Matrix client: what /sync tells, and nothing else, is what the person knows.
type person struct {
	*mautrix.Client

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each news
	seen    []sighting
	ended   error // why /sync ended by itself

	cancel context.CancelFunc
	done   chan struct{}
}

// errInTime completes "… did not see … in time".
var errInTime = errors.New("in time")

// inTime gives a time limit that has passed the words that people read; other ends of a context stay as they are.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errInTime
	}
	return err
}

// sighting is an event, and when it reached the client.
type sighting struct {
	*event.Event
	at time.Time
}

// logIn logs an agent in on a new device and lets it sync until stop.
func logIn(ctx context.Context, server *synapse.Server, localpart string) (*person, error) {
	token, deviceID, err := server.Login(ctx, localpart, password)
	if err != nil {
		return nil, err
	}
	client, err := mautrix.NewClient(server.URL(), id.NewUserID(localpart, server.ServerName()), token)
	if err != nil {
		return nil, fmt.Errorf("make a Matrix client: %w", err)
	}
	client.DeviceID = id.DeviceID(deviceID)
	p := &person{Client: client, changed: make(chan struct{}), done: make(chan struct{})}
	syncer := mautrix.NewDefaultSyncer()
	syncer.ParseEventContent = true
	syncer.OnEvent(func(_ context.Context, evt *event.Event) { p.take(evt) })
	client.Syncer = syncer
	syncCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	go func() {
		defer close(p.done)
		p.fail(p.SyncWithContext(syncCtx))
	}()
	return p, nil
}

// stop ends the session and waits for it.
func (p *person) stop() {
	p.cancel()
	<-p.done
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = p.Logout(ctx) // a session left behind does no harm
	p.Client.Client.CloseIdleConnections()
}

func (p *person) take(evt *event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, sighting{Event: evt, at: time.Now()})
	p.wake()
}

func (p *person) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = err
	p.wake()
}

// wake tells all who wait; the caller holds mu.
func (p *person) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// mark is where what comes next begins.
func (p *person) mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// since returns what was seen from a mark on.
func (p *person) since(mark int) []sighting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[mark:len(p.seen):len(p.seen)]
}

// sees waits until the client has an event, from a mark on, of which fact holds. what completes "… did not reach".
func (p *person) sees(ctx context.Context, mark int, what string, fact func(*event.Event) bool) (sighting, error) {
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
		if ended != nil && !errors.Is(ended, context.Canceled) {
			return sighting{}, fmt.Errorf("%s lost the homeserver: %w", p.UserID, ended)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return sighting{}, fmt.Errorf("%s did not see %s %w", p.UserID.Localpart(), what, inTime(ctx.Err()))
		}
	}
}
