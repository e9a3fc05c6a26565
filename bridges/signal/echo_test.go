package signal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

// matrix is a homeserver of which nothing is asked.
type matrix struct{ bridgev2.MatrixConnector }

func (matrix) Init(*bridgev2.Bridge)                           {}
func (matrix) BotIntent() bridgev2.MatrixAPI                   { return nil }
func (matrix) GhostIntent(networkid.UserID) bridgev2.MatrixAPI { return nil }

// flakyOutcomes has one message whose fate is not known, and a database that fails as often as the test wants: before
// anything is noted, or after the message's ID is.
type flakyOutcomes struct {
	network.Outcomes
	mu           sync.Mutex
	asked        bool
	eventID      id.EventID
	began        time.Time
	known        string // the ID that Signal gave it, once that is noted
	before, late int
}

func (o *flakyOutcomes) Open(context.Context, id.RoomID) ([]network.Unresolved, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = true
	if o.known != "" {
		return nil, nil
	}
	return []network.Unresolved{{EventID: o.eventID, Began: o.began}}, nil
}

func (o *flakyOutcomes) Report(_ context.Context, report network.Report) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	fails := errs.Temporary(errors.New("the database is full"), 0)
	switch {
	case report.EventID == "" && (o.known == "" || o.known != report.NetworkMessageID):
		return fmt.Errorf("outcome: %w", errs.ErrNotFound)
	case o.before > 0:
		o.before--
		return fails
	}
	o.known = report.NetworkMessageID
	if o.late > 0 {
		o.late--
		return fails
	}
	return nil
}

// phoned is a message that seems to come from the phone, while an agent's with the same text has been given to the daemon.
func phoned(t *testing.T, told *flakyOutcomes) *incoming {
	t.Helper()
	c := &Connector{clock: clock.NewManual(time.UnixMilli(2000)), log: zerolog.Nop()}
	told.eventID, told.began = "$agents", time.UnixMilli(1000)
	c.env.Outcomes = told
	c.bridge = bridgev2.NewBridge("signal", db.Chosen(t).Open(t), zerolog.Nop(), &bridgeconfig.BridgeConfig{}, matrix{}, c,
		func(*bridgev2.Bridge) bridgev2.CommandProcessor { return nil })
	c.bridge.BackgroundCtx = t.Context()
	if err := c.bridge.DB.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	login := &bridgev2.UserLogin{UserLogin: &database.UserLogin{ID: "own", Metadata: &LoginMeta{Number: shopNumber}}}
	if err := c.LoadUserLogin(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	chat := personChat("ana", "own")
	portal, err := c.bridge.GetPortalByKey(t.Context(), chat)
	if err != nil {
		t.Fatal(err)
	}
	portal.MXID = "!room"
	if err = portal.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.attempts.begin("$agents", chat, "on our way", 1000)
	got := received(t, `"sourceUuid":"own","timestamp":1500,"syncMessage":{"sentMessage":{"destinationUuid":"ana","message":"on our way","timestamp":1500}}`)
	return &incoming{client: login.Client.(*Client), got: got, chat: chat, self: true}
}

func TestWhoWritesTheSameOnThePhoneIsNoEcho(t *testing.T) {
	told := &flakyOutcomes{}
	in := phoned(t, told)
	echo := make(chan bool, 1)
	go func() {
		is, err := in.isEcho(t.Context(), in.data())
		echo <- is || err != nil
	}()
	attempts := &in.client.connector.attempts
	told.mu.Lock()
	for !told.asked { // for what is open
		told.mu.Unlock()
		time.Sleep(time.Millisecond)
		told.mu.Lock()
	}
	told.known = string(messageID("own", 1400)) // what the daemon answers
	told.mu.Unlock()
	attempts.end("$agents")
	if <-echo {
		t.Error("what was written on the phone is lost")
	}
}

func TestAnEchoThatCannotBeNotedIsStillOneAtTheNextTry(t *testing.T) {
	for name, told := range map[string]*flakyOutcomes{
		"NothingWasNoted": {before: 2}, "ItsIDWas": {late: 1}, "Both": {before: 1, late: 1}, "Well": {},
	} {
		t.Run(name, func(t *testing.T) {
			in := phoned(t, told)
			in.client.connector.attempts.lose("$agents")
			for tries := 0; ; tries++ {
				echo, err := in.isEcho(t.Context(), in.data())
				if err == nil {
					if !echo {
						t.Errorf("after %d tries it is a message of the phone's, and stands in the room twice", tries)
					}
					break
				} else if !isTemporary(err) || tries > 3 {
					t.Fatal(err)
				}
			}
			if told.known != string(messageID("own", 1500)) {
				t.Errorf("noted as %q", told.known)
			}
		})
	}
}
