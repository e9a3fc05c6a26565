package signal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/signal/daemon"
	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
	"puente/core/hub/network"
)

const (
	shopNumber = "+4930555078388"
	anaACI     = "0a0a0a0a-0000-4000-8000-00000000000a"
)

// shelf is the database that two processes share. While it is away it takes nothing.
type shelf struct {
	mu    sync.Mutex
	away  bool
	texts []string
	more  chan struct{} // closed and made anew with each try
}

func (s *shelf) Take(_ context.Context, entries ...network.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	if s.away {
		return errors.New("the database restarts")
	}
	for _, entry := range entries {
		got, err := daemon.ParseReceived(entry.Payload)
		if err != nil {
			return err
		} else if got.Envelope.Data != nil {
			s.texts = append(s.texts, got.Envelope.Data.Message)
		}
	}
	return nil
}

func (s *shelf) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// tried waits for the next try to put something there.
func (s *shelf) tried() {
	s.mu.Lock()
	more := s.more
	s.mu.Unlock()
	<-more
}

// await waits until so many texts are there, and returns them.
func (s *shelf) await(n int) []string {
	for {
		s.mu.Lock()
		texts, more := slices.Clone(s.texts), s.more
		s.mu.Unlock()
		if len(texts) >= n {
			return texts
		}
		<-more
	}
}

// listener is a process's Signal with the shop's account.
func listener(t *testing.T, address string, to *shelf) *Connector {
	t.Helper()
	made, err := newConnector(network.Env{
		Config: func(into any) error {
			*into.(*Config) = Config{Daemon: address, DeviceName: "Puente", TrustNewIdentities: "on-first-use", AttachmentLimit: 100, MessageRequests: "at-once"}
			return nil
		},
		Intake: to, Clock: clock.System{}, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := made.(*Connector)
	login := &bridgev2.UserLogin{UserLogin: &database.UserLogin{
		ID: networkid.UserLoginID(anaACI), Metadata: &LoginMeta{Number: shopNumber, ACI: "0b0b0b0b-0000-4000-8000-00000000000b"},
	}}
	if err = c.LoadUserLogin(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	client := login.Client.(*Client)
	client.state = status.StateConnected // which is therefore no news to report
	client.wanted.Store(true)
	if err = c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// A database restarts, and another process has it afterwards: what the first one had read by then must be kept, and what
// comes later waits for the other one.
func TestNothingOfSignalIsLostWhenAnotherProcessTakesOver(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, leaks) })
	e := emulator.New(emulator.Options{Accounts: []emulator.Account{{Number: shopNumber, Name: "Shop"}}})
	address, err := e.Start(t.Context(), "tcp:127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	if _, err = e.AddCustomer(emulator.Customer{ACI: anaACI, Name: "Ana", Number: "+4915700000007"}); err != nil {
		t.Fatal(err)
	}
	chat, err := e.Chat(anaACI, shopNumber)
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) {
		t.Helper()
		if _, err := chat.SendText(text); err != nil {
			t.Fatal(err)
		}
	}
	subscribed := func(n int) {
		t.Helper()
		if _, err := e.WaitDaemon(t.Context(), func(d emulator.Daemon) bool { return d.Subscriptions == n }); err != nil {
			t.Fatal(err)
		}
	}
	kept := &shelf{more: make(chan struct{})}
	first := listener(t, address, kept)
	subscribed(1)
	say("before")
	kept.await(1)
	kept.set(true)
	say("read while the database is away")
	kept.tried()
	first.Hold(true)
	subscribed(0)
	say("waits on Signal's server")
	if n := e.Daemon().Waiting[shopNumber]; n != 1 {
		t.Errorf("%d wait on Signal's server, not 1", n)
	}
	kept.set(false)
	first.Pause()
	first.Stop()
	if got := strings.Join(kept.await(2), ", "); got != "before, read while the database is away" {
		t.Errorf("kept: %s", got)
	}
	listener(t, address, kept)
	if got := kept.await(3); got[2] != "waits on Signal's server" {
		t.Errorf("kept: %q", got)
	}
}

func TestWhoHoldsTheDatabaseAgainIsSubscribedAgain(t *testing.T) {
	e := emulator.New(emulator.Options{Accounts: []emulator.Account{{Number: shopNumber, Name: "Shop"}}})
	address, err := e.Start(t.Context(), "tcp:127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	c := listener(t, address, &shelf{more: make(chan struct{})})
	for _, step := range []func(){func() {}, func() { c.Hold(true) }, func() { c.Hold(false) }, func() { c.Hold(true) }, e.CutConnections, func() { c.Hold(false) }} {
		step()
		want := 1
		if c.held.Load() {
			want = 0
		}
		_, err := e.WaitDaemon(t.Context(), func(d emulator.Daemon) bool { return d.Subscriptions == want })
		if err != nil {
			t.Fatal(err)
		}
	}
}
