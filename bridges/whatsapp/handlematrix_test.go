package whatsapp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// notes is what the hub keeps of the one message of a test.
type notes struct {
	network.Outcomes
	mu      sync.Mutex
	clock   clock.Clock
	earlier network.Earlier
}

func (n *notes) Look(context.Context, id.EventID) (network.Earlier, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.earlier, nil
}

func (n *notes) Begin(context.Context, network.Attempt) (network.Earlier, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.earlier.Unresolved = n.clock.Now()
	return network.Earlier{}, nil
}

func (n *notes) Refused(context.Context, id.EventID) error { return nil }

func (n *notes) Accepted(context.Context, id.EventID, string) error { return nil }

// number is one of the business's numbers, with a chat whose customer wrote at `wrote`, and a Meta that takes everything.
type number struct {
	*Client
	clock  *clock.Manual
	notes  *notes
	portal *bridgev2.Portal
	mu     sync.Mutex
	asked  []string // the bodies that Meta got
}

func (n *number) got() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

func newNumber(t *testing.T, wrote time.Duration) *number {
	t.Helper()
	n := &number{clock: clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}
	meta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n.mu.Lock()
		n.asked = append(n.asked, string(body))
		n.mu.Unlock()
		_, _ = io.WriteString(w, `{"success":true,"contacts":[],"messages":[{"id":"wamid.OUT"}]}`)
	}))
	t.Cleanup(meta.Close)
	n.notes = &notes{clock: n.clock}
	connector := &Connector{
		clock: n.clock, log: zerolog.Nop(), pacer: graph.NewPacer(graph.PacerConfig{}, n.clock), config: Config{Typing: true},
		env:     network.Env{Handles: people{{Kind: handleWaID, Value: "16505551234"}: "ana"}},
		courier: &delivery.Courier{Network: displayName, Outcomes: n.notes, Clock: n.clock, Log: zerolog.Nop(), Grace: time.Minute},
	}
	n.Client = &Client{connector: connector, phoneNumberID: "1", graph: graph.New(graph.Config{
		BaseURL: meta.URL, Clock: n.clock, Pacer: connector.pacer,
	})}
	n.portal = &bridgev2.Portal{Portal: &database.Portal{
		PortalKey: customerChat("ana", "1"), MXID: "!r", Metadata: &PortalMeta{LastInbound: n.clock.Now().Add(-wrote)},
	}}
	return n
}

func (n *number) says(replyTo networkid.MessageID) (*bridgev2.MatrixMessageResponse, error) {
	msg := &bridgev2.MatrixMessage{MatrixEventBase: bridgev2.MatrixEventBase[*event.MessageEventContent]{
		Event: &event.Event{ID: "$e"}, Content: &event.MessageEventContent{MsgType: event.MsgText, Body: "hello"}, Portal: n.portal,
	}}
	if replyTo != "" {
		msg.ReplyTo = &database.Message{ID: replyTo}
	}
	return n.HandleMatrixMessage(context.Background(), msg)
}

func TestAnAttemptBeginsWhenItsTurnComes(t *testing.T) {
	n := newNumber(t, time.Hour)
	held := n.connector.pacer.Learn("1", "", &graph.Error{Code: 130429, HTTPStatus: 400})
	done := make(chan error)
	go func() {
		_, err := n.says("")
		done <- err
	}()
	for n.clock.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	if earlier, _ := n.notes.Look(context.Background(), "$e"); !earlier.Unresolved.IsZero() {
		t.Error("it began while the number waits")
	}
	turn := n.clock.Now().Add(held)
	n.clock.Advance(held)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if earlier, _ := n.notes.Look(context.Background(), "$e"); earlier.Unresolved.Before(turn) {
		t.Errorf("it began %s before its turn", turn.Sub(earlier.Unresolved))
	}
}

func TestTheWindow(t *testing.T) {
	t.Run("IsClosedADayAfterTheCustomerWrote", func(t *testing.T) {
		n := newNumber(t, 24*time.Hour)
		if _, err := n.says(""); !errors.Is(err, errs.ErrForbidden) || !strings.Contains(errs.Message(err), "template") {
			t.Errorf("sending ended with %v", err)
		}
	})
	t.Run("DoesNotMatterForWhatWhatsAppHas", func(t *testing.T) {
		n := newNumber(t, 24*time.Hour)
		n.notes.earlier.NetworkMessageID = "wamid.TAKEN"
		sent, err := n.says("")
		if err != nil || sent.DB.ID != "wamid.TAKEN" || len(n.got()) > 0 {
			t.Errorf("got %+v, %v", sent, err)
		}
	})
}

func TestLinesOfPuentesOwn(t *testing.T) {
	const call, preference = "call:wacid.1", "user_preferences:1:abc"
	t.Run("CanBeAnsweredWithoutAQuote", func(t *testing.T) {
		for _, line := range []networkid.MessageID{call, preference} {
			n := newNumber(t, time.Hour)
			if _, err := n.says(line); err != nil || len(n.got()) != 1 || strings.Contains(n.got()[0], "context") {
				t.Errorf("%s: %v, Meta got %q", line, err, n.got())
			}
		}
		n := newNumber(t, time.Hour)
		if _, err := n.says("wamid.IN"); err != nil || !strings.Contains(n.got()[0], `"context":{"message_id":"wamid.IN"}`) {
			t.Errorf("%v, Meta got %q", err, n.got())
		}
	})
	t.Run("TakeNoReaction", func(t *testing.T) {
		n := newNumber(t, time.Hour)
		err := n.react(context.Background(), &event.Event{ID: "$e"}, n.portal, call, "👍")
		if !errors.Is(err, errs.ErrUnsupported) || errs.Message(err) == "" || len(n.got()) > 0 {
			t.Errorf("got %v, Meta got %q", err, n.got())
		}
	})
	t.Run("AreNotMarkedAsRead", func(t *testing.T) {
		n := newNumber(t, time.Hour)
		meta := n.portal.Metadata.(*PortalMeta)
		meta.LastInboundID, meta.LastReadID = "wamid.IN", "wamid.IN"
		in := incoming{client: n.Client, msg: graph.Message{ID: call, Type: "call", Timestamp: graph.Seconds(n.clock.Now().Unix())}}
		if !in.opens(meta) || meta.LastInboundID != "wamid.IN" || !meta.LastInbound.Equal(n.clock.Now()) {
			t.Errorf("after a call %+v", meta)
		}
		err := n.HandleMatrixReadReceipt(context.Background(), &bridgev2.MatrixReadReceipt{
			Portal: n.portal, ExactMessage: &database.Message{ID: call, SenderID: "ana"}, ReadUpTo: n.clock.Now(),
		})
		if err != nil || len(n.got()) > 0 {
			t.Errorf("got %v, Meta got %q", err, n.got())
		}
		if err = n.HandleMatrixTyping(context.Background(), &bridgev2.MatrixTyping{Portal: n.portal, IsTyping: true}); err != nil || !strings.Contains(n.got()[0], `"message_id":"wamid.IN"`) {
			t.Errorf("got %v, Meta got %q", err, n.got())
		}
	})
}
