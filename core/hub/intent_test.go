package hub

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/event"

	"puente/core/desk/channel"
)

func TestSendKey(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	message := func(change func(*event.MessageEventContent, *bridgev2.MatrixSendExtra)) []string {
		content, extra := text("hi"), &bridgev2.MatrixSendExtra{Timestamp: at, MessageMeta: &database.Message{ID: "m1", PartID: "0"}}
		if change != nil {
			change(content, extra)
		}
		return sendKey("@ghost:x", "!r:x", event.EventMessage, &event.Content{Parsed: content}, extra)
	}
	same := message(nil)
	if !reflect.DeepEqual(same, message(nil)) || same == nil {
		t.Fatal("the same message has two keys")
	}
	if !reflect.DeepEqual(same, message(func(c *event.MessageEventContent, _ *bridgev2.MatrixSendExtra) { c.URL = "mxc://other/upload" })) {
		t.Error("another upload of the same file has another key")
	}
	for what, relation := range map[string]*event.RelatesTo{
		"answer": (&event.RelatesTo{}).SetReplyTo("$target"), "message in a thread": (&event.RelatesTo{}).SetThread("$root", "$target"),
	} {
		if !reflect.DeepEqual(same, message(func(c *event.MessageEventContent, _ *bridgev2.MatrixSendExtra) { c.RelatesTo = relation })) {
			t.Errorf("the same %s has another key when its target is gone", what)
		}
	}
	edit := func(words string) []string {
		return message(func(c *event.MessageEventContent, _ *bridgev2.MatrixSendExtra) {
			c.Body = words
			c.SetEdit("$target")
		})
	}
	reaction := func(emoji string) []string {
		return sendKey("@ghost:x", "!r:x", event.EventReaction, &event.Content{Parsed: &event.ReactionEventContent{}},
			&bridgev2.MatrixSendExtra{Timestamp: at, ReactionMeta: &database.Reaction{MessageID: "m1", SenderID: "c1", Emoji: emoji}})
	}
	redaction := sendKey("@ghost:x", "!r:x", event.EventRedaction, &event.Content{Parsed: &event.RedactionEventContent{Redacts: "$target"}}, nil)
	all := [][]string{
		same, edit("one"), edit("two"), reaction("a"), reaction("b"), redaction,
		message(func(_ *event.MessageEventContent, e *bridgev2.MatrixSendExtra) { e.MessageMeta.ID = "m2" }),
		message(func(_ *event.MessageEventContent, e *bridgev2.MatrixSendExtra) { e.MessageMeta.PartID = "1" }),
	}
	for i, one := range all {
		for j, other := range all {
			if i != j && reflect.DeepEqual(one, other) {
				t.Errorf("%d and %d are different sends with one key", i, j)
			}
		}
	}
	if message(func(_ *event.MessageEventContent, e *bridgev2.MatrixSendExtra) { e.MessageMeta = nil }) != nil {
		t.Error("what stands for nothing of the network's has a key: two notices would be one")
	}
}

func TestTwoNoticesOfTheBotAreTwoEvents(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		for _, words := range []string{"one", "two"} {
			notice := &event.MessageEventContent{MsgType: event.MsgNotice, Body: words}
			_, err := w.red.bridge.Bot.SendMessage(w.ctx, room, event.EventMessage, &event.Content{Parsed: notice}, nil)
			w.must(err)
		}
		if got := w.notices(room); !slices.Equal(got, []string{"one", "two"}) {
			w.Errorf("the room holds %q", got)
		}
		if got := ofKind[channel.MessageIn](w.desk); len(got) != 1 {
			w.Errorf("what the bot says was told as the customer's: %+v", got)
		}
	})
}

func TestRepeatedSendIsOneEvent(t *testing.T) {
	each(t, nil, func(w *world) {
		n := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"one", "two"}}
		w.must(w.red.tell(n))
		room := w.room(w.red, "c1")
		w.must(w.red.tell(news{Kind: "edit", Chat: "c1", From: "c1", Target: "m1", Parts: []string{"uno"}}))
		w.must(w.red.tell(news{Kind: "edit", Chat: "c1", From: "c1", Target: "m1", Parts: []string{"eins"}}))
		reaction := news{Kind: "reaction", Chat: "c1", From: "c1", Target: "m1", Parts: []string{"👍"}}
		w.must(w.red.tell(reaction))
		if got := w.hs.sent(room, event.EventMessage); len(got) != 4 || got[0].body() != "one" || got[1].body() != "two" {
			w.Fatalf("the room holds %v", got)
		}
		// A crash after the sends and before their rows were saved, and a restart.
		for _, table := range []string{"reaction", "message"} {
			_, err := w.db.Exec(w.ctx, "DELETE FROM "+table)
			w.must(err)
		}
		w.restart()
		w.must(w.red.tell(n))
		w.must(w.red.tell(reaction))
		if got := w.hs.sent(room, event.EventMessage); len(got) != 4 {
			w.Errorf("after the crash the room holds %v", got)
		}
		if got := w.hs.sent(room, event.EventReaction); len(got) != 1 {
			w.Errorf("after the crash the room holds the reactions %v", got)
		}
		w.must(w.red.tell(n)) // known by its row
		w.must(w.red.tell(news{Kind: "removal", Chat: "c1", From: "c1", Target: "m1"}))
		if got := w.hs.sent(room, event.EventRedaction); len(got) != 2 {
			w.Errorf("the room holds the redactions %v", got)
		}
	})
}

func TestADeletionThatTheHomeserverRefusesForAWhileIsNotLost(t *testing.T) {
	each(t, inAHurry, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		n := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"taken back"}}
		w.must(w.red.tell(n))
		refusals := 0
		w.hs.failWith(func(_ *http.Request, parts []string) int {
			if len(parts) > 4 && parts[4] == "redact" && refusals < 5 {
				refusals++
				return 400
			}
			return 0
		})
		w.must(w.journal.Append(w.ctx, w.takes(news{Kind: "removal", Chat: "c1", From: "c1", Target: "m1", ID: "r1"})))
		w.settled()
		if got := w.hs.sent(room, event.EventRedaction); len(got) != 1 || refusals != 5 {
			w.Errorf("after %d refusals the room holds the redactions %v", refusals, got)
		}
	})
}

func TestErrorNoticesOfBridgev2AreSwallowed(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		if w.red.tell(news{Kind: "unreadable", Chat: "c1", From: "c1", ID: "m2"}) == nil {
			w.Error("an unreadable message was handled")
		}
		if got := w.hs.sent(room, event.EventMessage); len(got) != 1 {
			w.Errorf("the room holds %v", got)
		}
	})
}

func TestTheDeskHearsOfMessages(t *testing.T) {
	each(t, nil, func(w *world) {
		w.must(w.red.tell(news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"hello"}, Second: 7}))
		room := w.room(w.red, "c1")
		heard := w.desk.heard()
		if len(heard) != 2 {
			w.Fatalf("the desk heard %+v", heard)
		}
		ref := channel.Ref{Network: "red", Account: "account", Chat: "c1", Room: room.String()}
		opened, ok := heard[0].(channel.PortalOpened)
		if !ok || opened.Ref != ref || opened.Customer != (channel.Party{ID: "c1", Name: "Customer c1"}) || opened.Key != "opened:"+room.String() {
			w.Errorf("first the desk heard %+v", heard[0])
		}
		eventID := w.hs.sent(room, event.EventMessage)[0].ID.String()
		want := channel.MessageIn{
			Base: channel.Base{Ref: ref, Key: "in:" + eventID, At: time.Unix(1_700_000_007, 0)}, ID: eventID,
			From: channel.Party{ID: "c1", Name: "Customer c1"}, Content: channel.Content{Kind: "text", Text: "hello"},
		}
		if !reflect.DeepEqual(heard[1], want) {
			w.Errorf("then the desk heard %+v, not %+v", heard[1], want)
		}
		w.must(w.red.tell(news{Kind: "reaction", Chat: "c1", From: "c1", Target: "m1", Parts: []string{"👍"}}))
		if ins := ofKind[channel.MessageIn](w.desk); len(ins) != 2 || ins[1].Content.Kind != "reaction" || ins[1].Content.Text != "👍️" && ins[1].Content.Text != "👍" || ins[1].Content.Target != eventID {
			w.Errorf("the desk heard the reaction as %+v", ins)
		}
	})
}

func TestTheDeskIsToldAgainAfterAnError(t *testing.T) {
	alone(t, nil, func(w *world) {
		tries := 0
		w.desk.failWith(func(evt channel.Event) error {
			if _, isMessage := evt.(channel.MessageIn); isMessage && tries < 2 {
				tries++
				return errors.New("the desk is busy")
			}
			return nil
		})
		n := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"hello"}}
		for range 2 {
			if w.red.tell(n) == nil {
				w.Fatal("a message that the desk did not take was handled")
			}
		}
		w.must(w.red.tell(n))
		if ins := ofKind[channel.MessageIn](w.desk); len(ins) != 1 {
			w.Errorf("the desk heard %+v", ins)
		}
		if got := w.hs.sent(w.room(w.red, "c1"), event.EventMessage); len(got) != 1 {
			w.Errorf("the room holds %v", got)
		}
		if got := ofKind[channel.PortalOpened](w.desk); len(got) != 1 {
			w.Errorf("the desk heard of %d openings", len(got))
		}
	})
}

func TestEchoOfTheBusinessIsNotTheCustomers(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.customer(w.red, "c1", "hello")
		w.must(w.red.tell(news{Chat: "c1", From: "business", ID: "e1", Parts: []string{"from the phone"}, FromMe: true}))
		outs := ofKind[channel.MessageOut](w.desk)
		if len(outs) != 1 || outs[0].Content.Text != "from the phone" || outs[0].From.ID != "@puente_red_business:example.org" {
			w.Errorf("the desk heard %+v", outs)
		}
		if ins := ofKind[channel.MessageIn](w.desk); len(ins) != 1 {
			w.Errorf("the desk heard %+v", ins)
		}
	})
}

func TestFirstContact(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.customer(w.red, "c0", "so that the bot is registered")
		w.hs.takeRequests()
		room := w.customer(w.red, "c1", "hello")
		got := w.hs.takeRequests()
		want := []string{
			"POST client/v3/register",
			"PUT client/v3/profile/{user}/displayname",
			"POST client/v3/createRoom",
			"GET client/v3/rooms/{room}/state/m.room.power_levels/",
			"POST client/v3/rooms/{room}/join",
			"PUT client/v3/rooms/{room}/send/m.room.message/{txn}",
		}
		if !slices.Equal(got, want) {
			w.Errorf("a first contact cost %d requests: %q, not %q", len(got), got, want)
		}
		created := w.hs.created()
		req := created[len(created)-1]
		var invited []string
		for _, user := range req["invite"].([]any) {
			invited = append(invited, user.(string))
		}
		if want := []string{ana.String(), berta.String(), w.hub.Desk().String(), "@puente_red_c1:example.org"}; !slices.Equal(invited, want) {
			w.Errorf("invited with the room were %v", invited)
		}
		if req["is_direct"] == true {
			w.Error("the room is filed as a chat between two")
		}
		if w.hs.membership(room, "@puente_red_c1:example.org") != event.MembershipJoin {
			w.Error("the customer is not in the room")
		}
		w.hs.takeRequests()
		w.customer(w.red, "c1", "hello again")
		if got := w.hs.takeRequests(); !slices.Equal(got, want[5:]) {
			w.Errorf("a further message cost %q", got)
		}
	})
}

func TestSpacesAreNobodysInbox(t *testing.T) {
	alone(t, nil, func(w *world) {
		_, err := w.red.bridge.Bot.CreateRoom(w.ctx, &mautrix.ReqCreateRoom{CreationContent: map[string]any{"type": event.RoomTypeSpace}})
		w.must(err)
		created := w.hs.created()
		if invite, ok := created[len(created)-1]["invite"]; ok && invite != nil {
			w.Errorf("invited into the space: %v", invite)
		}
	})
}

func TestHomeserverThatRefusesARoom(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.hs.failWith(func(r *http.Request, _ []string) int {
			if r.Method == http.MethodPost && r.URL.Path == "/_matrix/client/v3/createRoom" {
				return 403
			}
			return 0
		})
		n := news{Chat: "c1", From: "c1", ID: "m1", Parts: []string{"hello"}}
		if w.red.tell(n) == nil {
			w.Fatal("a message without a room was handled")
		}
		w.hs.failWith(nil)
		w.must(w.red.tell(n))
		if got := w.hs.sent(w.room(w.red, "c1"), event.EventMessage); len(got) != 1 {
			w.Errorf("the room holds %v", got)
		}
	})
}

func TestNobodyIsPuppeted(t *testing.T) {
	alone(t, nil, func(w *world) {
		api, token, err := w.hub.byID["red"].matrix.NewUserIntent(context.Background(), ana, "token")
		if api != nil || token != "token" || err != nil {
			w.Errorf("%v %s %v", api, token, err)
		}
		red, blue := w.hub.byID["red"].matrix, w.hub.byID["blue"].matrix
		if red.GetUniqueBridgeID() == blue.GetUniqueBridgeID() {
			w.Error("two bridges share a state key")
		}
	})
}
