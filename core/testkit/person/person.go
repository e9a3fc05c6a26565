// Package person is somebody with a Matrix client. What /sync tells, and nothing else, is what the person knows: so the
// tests and the demonstration see Puente as an agent does.
package person

import (
	"context"
	"fmt"
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
	*Memory

	cancel context.CancelFunc // nil: not following
	done   chan struct{}
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
	p := &Person{Client: client, Memory: NewMemory(client.UserID), done: make(chan struct{})}
	syncer := mautrix.NewDefaultSyncer()
	syncer.ParseEventContent = true
	syncer.OnEvent(func(_ context.Context, evt *event.Event) { p.Take(evt) })
	client.Syncer = syncer
	return p, nil
}

// Follow lets the client sync from now on, until Stop. It is called once; ctx lends its values only.
func (p *Person) Follow(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(p.done)
		p.End(p.SyncWithContext(ctx))
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
