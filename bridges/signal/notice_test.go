package signal

import (
	"context"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/signal/daemon"
	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// nobody is known while the database is away.
type nobody struct{ network.Handles }

func (nobody) Resolve(context.Context, ...network.Handle) (networkid.UserID, error) {
	return "", errs.Temporary(errors.New("the database is away"), 0)
}

func TestWhatCannotBeReadIsToldWhenTheDatabaseIsBack(t *testing.T) {
	c := &Connector{}
	c.env.Handles = nobody{}
	login := &bridgev2.UserLogin{UserLogin: &database.UserLogin{ID: "own", Metadata: &LoginMeta{Number: shopNumber}}}
	if err := c.LoadUserLogin(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	for name, notification := range map[string]string{
		"Exception": `{"account":"` + shopNumber + `","envelope":{"sourceUuid":"ana","timestamp":5},"exception":{"type":"ProtocolInvalidMessageException"}}`,
		"Unknown":   `{"account":"` + shopNumber + `","envelope":{"sourceUuid":"ana","timestamp":5,"hologramMessage":{"size":3}}}`,
	} {
		if err := c.HandleEntry(t.Context(), network.Entry{Payload: []byte(notification)}); !isTemporary(err) {
			t.Errorf("%s: given up with %v", name, err)
		}
	}
}

// The daemon does not have the account, so it refuses each time it is asked to accept the chat.
func TestAFirstContactThatCannotBeAcceptedHoldsNothingUp(t *testing.T) {
	e := emulator.New(emulator.Options{})
	address, err := e.Start(t.Context(), "tcp:127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	in := phoned(t, &flakyOutcomes{})
	in.self = false
	c := in.client.connector
	c.config.MessageRequests, c.env.Handles = acceptAtOnce, anas{}
	if c.daemon, err = daemon.New(daemon.Config{Address: address, Clock: clock.System{}, Log: zerolog.Nop()}); err != nil {
		t.Fatal(err)
	}
	c.daemon.Start()
	t.Cleanup(c.daemon.Stop)
	if err = c.daemon.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	portal, err := c.bridge.GetPortalByKey(t.Context(), in.chat)
	if err != nil {
		t.Fatal(err)
	}
	meta := portal.Metadata.(*PortalMeta)
	meta.Requested = true
	if err = in.welcome(t.Context()); err != nil {
		t.Errorf("what comes next waits: %v", err)
	}
	if !meta.Requested {
		t.Error("the next answer does not try it")
	}
}

// anas are the handles of one person.
type anas struct{ network.Handles }

func (anas) Of(context.Context, networkid.UserID) ([]network.Handle, error) {
	return []network.Handle{{Kind: handleACI, Value: anaACI}}, nil
}
