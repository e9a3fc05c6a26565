package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

func one(w *world, t *toy, what string) handed {
	w.Helper()
	list := t.got(what)
	if len(list) != 1 {
		w.Fatalf("the network got %d of %s, not one: %+v", len(list), what, list)
	}
	return list[0]
}

func (w *world) text(query string, args ...any) string {
	w.Helper()
	var value string
	w.must(w.db.QueryRow(w.ctx, query, args...).Scan(&value))
	return value
}

func TestWhatAgentsDoReachesTheNetworkAsTheOwners(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		asked := w.hs.sent(room, event.EventMessage)[0].ID
		first := w.says(room, ana, "good morning")
		if got := one(w, w.red, "message"); got.Sender != w.hub.Desk().String() || got.Text != "good morning" {
			w.Fatalf("the network got %+v", got)
		}
		if author := w.text(`SELECT sender_mxid FROM message WHERE mxid=$1`, first); author != ana.String() {
			w.Fatalf("the author is %s", author)
		}
		reaction := w.evt(room, berta, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": asked, "key": "👍"}})
		w.settled()
		if got := one(w, w.red, "reaction"); got.Text != "👍" || got.Target != "c1-1" {
			w.Fatalf("the network got %+v", got)
		}
		if author := w.text(`SELECT sender_mxid FROM reaction WHERE mxid=$1`, reaction); author != berta.String() {
			w.Fatalf("the reaction's author is %s", author)
		}
		w.evt(room, berta, event.EventRedaction, object{}, object{"redacts": reaction})
		w.settled()
		if got := one(w, w.red, "unreaction"); got.Target != "c1-1" {
			w.Fatalf("the network got %+v", got)
		}
		w.evt(room, ana, event.EventMessage, object{
			"msgtype": "m.text", "body": "* good day", "m.new_content": object{"msgtype": "m.text", "body": "good day"},
			"m.relates_to": object{"rel_type": "m.replace", "event_id": first},
		})
		w.settled()
		if got := one(w, w.red, "edit"); got.Text != "good day" || got.Target != "of-"+first.String() {
			w.Fatalf("the network got %+v", got)
		}
		w.evt(room, ana, event.EventMessage, object{
			"msgtype": "m.text", "body": "> <@x:y> hello\n\nas you ask", "m.relates_to": object{"m.in_reply_to": object{"event_id": asked}},
		})
		w.settled()
		if got := w.red.got("message")[1]; got.Text != "as you ask" || got.Target != "c1-1" {
			w.Fatalf("the network got the reply as %+v", got)
		}
		poll := w.evt(room, ana, event.EventUnstablePollStart, object{"org.matrix.msc3381.poll.start": object{"question": object{"org.matrix.msc1767.text": "When?"}}})
		w.evt(room, berta, event.EventUnstablePollResponse, object{"m.relates_to": object{"rel_type": "m.reference", "event_id": poll}, "org.matrix.msc3381.poll.response": object{"answers": []string{"1"}}})
		w.settled()
		if got := one(w, w.red, "poll"); got.Text != "When?" {
			w.Fatalf("the network got %+v", got)
		}
		one(w, w.red, "vote")
		w.evt(room, ana, event.EventRedaction, object{"redacts": first})
		w.settled()
		if got := one(w, w.red, "removal"); got.Target != "of-"+first.String() {
			w.Fatalf("the network got %+v", got)
		}
		if len(w.failed()) != 0 || len(w.blue.got("")) != 0 {
			w.Fatalf("failed: %v, other network: %v", w.failed(), w.blue.got(""))
		}
		if got := w.statuses(room, first); !slices.Equal(got, []string{"SUCCESS"}) {
			w.Fatalf("the room was shown %v", got)
		}
		outs := ofKind[channel.MessageOut](w.desk)
		var kinds []string
		for _, out := range outs {
			kinds = append(kinds, out.Content.Kind)
		}
		if want := []string{"text", "reaction", "deletion", "edit", "text", "deletion"}; !slices.Equal(kinds, want) {
			w.Fatalf("the desk heard %v, not %v", kinds, want)
		}
		if outs[0].From.ID != ana.String() || outs[2].Content.Target != reaction.String() || outs[4].Content.Text != "as you ask" || outs[4].Content.Target != asked.String() {
			w.Fatalf("the desk heard %+v", outs)
		}
	})
}

func TestReceiptsAndTyping(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		asked := w.hs.sent(room, event.EventMessage)[0].ID
		ghost := w.hub.byID["red"].matrix.FormatGhostMXID("c1")
		receipt := func(user id.UserID) object {
			return object{"type": "m.receipt", "room_id": room, "content": object{asked.String(): object{"m.read": object{user.String(): object{"ts": 1_700_000_000_500}}}}}
		}
		typing := func(users ...id.UserID) object {
			return object{"type": "m.typing", "room_id": room, "content": object{"user_ids": users}}
		}
		w.push(object{"ephemeral": []any{receipt(ghost), typing(ghost)}})
		w.settled()
		if got := w.red.got(""); len(got) != 0 {
			w.Fatalf("what the ghost does went back to the network: %v", got)
		}
		w.push(object{"ephemeral": []any{receipt(ana), typing(ana, ghost)}})
		w.settled()
		if got := one(w, w.red, "receipt"); got.Event != asked.String() {
			w.Fatalf("the network got %+v", got)
		}
		w.push(object{"ephemeral": []any{typing()}})
		w.settled()
		if got := w.red.got("typing"); len(got) != 2 || got[0].Text != "true" || got[1].Text != "false" {
			w.Fatalf("the network got %+v", got)
		}
		w.push(object{"ephemeral": []any{
			object{"type": "m.receipt", "room_id": "!other:example.org", "content": object{}},
			object{"type": "m.presence", "room_id": room, "content": object{}},
		}})
		w.settled()
	})
}

func TestSignatures(t *testing.T) {
	for _, test := range []struct {
		signature  Signature
		content    object
		text, html string
		edit       bool
	}{
		{signature: SignatureNone, content: object{"msgtype": "m.text", "body": "hi"}, text: "hi"},
		{signature: SignatureFirstName, content: object{"msgtype": "m.text", "body": "hi"}, text: "Ana:\nhi", html: "<strong>Ana:</strong><br>hi"},
		{
			signature: SignatureFull, content: object{"msgtype": "m.text", "body": "1 < 2\nyes"},
			text: "Ana <b> Díaz:\n1 < 2\nyes", html: "<strong>Ana &lt;b&gt; Díaz:</strong><br>1 &lt; 2<br/>yes",
		},
		{signature: SignatureFirstName, content: object{"msgtype": "m.emote", "body": "waves"}, text: "Ana:\nwaves", html: "<strong>Ana:</strong><br>waves"},
		{signature: SignatureFirstName, content: object{"msgtype": "m.image", "body": "a.png", "url": "mxc://x/y"}, text: "a.png"},
		{
			signature: SignatureFirstName, content: object{"msgtype": "m.image", "body": "look", "filename": "a.png", "url": "mxc://x/y"},
			text: "Ana:\nlook", html: "<strong>Ana:</strong><br>look",
		},
		{
			signature: SignatureFirstName, edit: true, text: "Ana:\nnew", html: "<strong>Ana:</strong><br>new",
			content: object{"msgtype": "m.text", "body": "* new", "m.new_content": object{"msgtype": "m.text", "body": "new"}},
		},
	} {
		t.Run(fmt.Sprintf("%s %s", test.signature, test.content["body"]), func(t *testing.T) {
			alone(t, func(w *world) { w.opts.Signature = test.signature }, func(w *world) {
				room := w.customer(w.red, "c1", "hello")
				w.evt(room, ana, event.StateMember, object{"membership": "join", "displayname": "Ana <b> Díaz"}, object{"state_key": ana})
				what := "message"
				if test.edit {
					what = "edit"
					test.content["m.relates_to"] = object{"rel_type": "m.replace", "event_id": w.hs.sent(room, event.EventMessage)[0].ID}
				}
				w.evt(room, ana, event.EventMessage, test.content)
				w.settled()
				if got := one(w, w.red, what); got.Text != test.text || got.HTML != test.html {
					w.Fatalf("the network got %q %q", got.Text, got.HTML)
				}
			})
		})
	}
	t.Run("TheDeskHasNone", func(t *testing.T) {
		alone(t, func(w *world) { w.opts.Signature = SignatureFull }, func(w *world) {
			room := w.customer(w.red, "c1", "hello")
			w.says(room, w.hub.Desk(), "an automatic answer")
			if got := one(w, w.red, "message"); got.Text != "an automatic answer" {
				w.Fatalf("the network got %q", got.Text)
			}
		})
	})
}

func TestAnEventThatIsHandledAgainIsSentOnce(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		payload, err := json.Marshal(object{
			"event_id": "$again", "room_id": room, "sender": ana, "type": event.EventMessage.Type, "origin_server_ts": 1_700_000_000_000,
			"content": object{"msgtype": "m.text", "body": "once"},
		})
		w.must(err)
		for range 2 { // the process died before the journal had written it as done
			w.must(w.hub.handleMatrixEntry(w.ctx, journal.Entry{Source: sourceMatrix, Kind: kindEvent, Payload: payload}))
		}
		if got := w.red.got("message"); len(got) != 1 {
			w.Errorf("the network was handed %+v", got)
		}
	})
}

func TestTemporaryErrorKeepsTheMessageAndItsLaneWaiting(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(string) error { return errs.Temporary(errs.Tell(errToy, "the line is busy."), 0) })
		first := w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": "one"})
		second := w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": "two"})
		w.until("several attempts", func() bool { return w.red.called() >= 4 })
		if got := w.statuses(room, first); !slices.Equal(got, []string{"PENDING"}) {
			w.Fatalf("the room was shown %v", got)
		}
		if got := w.statuses(room, second); len(got) != 0 {
			w.Fatalf("the second message overtook the first: %v", got)
		}
		w.red.fail(nil)
		w.settled()
		got := w.red.got("message")
		if len(got) != 2 || got[0].Text != "one" || got[1].Text != "two" {
			w.Fatalf("the network got %v", got)
		}
		if got := w.statuses(room, first); !slices.Equal(got, []string{"PENDING", "SUCCESS"}) {
			w.Fatalf("the room was shown %v", got)
		}
	})
}

func TestFinalErrorIsToldOnce(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(string) error {
			return errs.Tell(fmt.Errorf("send: %w", errs.ErrForbidden), "the customer blocked us.")
		})
		said := w.says(room, ana, "one")
		failed := w.failed()
		if len(failed) != 1 || failed[0].Reason != "the customer blocked us." {
			w.Fatalf("set aside: %+v", failed)
		}
		if got := w.statuses(room, said); !slices.Equal(got, []string{"FAIL_PERMANENT"}) {
			w.Fatalf("the room was shown %v", got)
		}
		if got := w.notices(room); !slices.Equal(got, []string{"⚠️ Not delivered: the customer blocked us."}) {
			w.Fatalf("the room was told %q", got)
		}
		changes := ofKind[channel.StatusChanged](w.desk)
		if len(changes) != 1 || changes[0].State != channel.Failed || changes[0].Reason != "the customer blocked us." || changes[0].ID != said.String() {
			w.Fatalf("the desk heard %+v", changes)
		}
		t := w.hs.sent(room, event.EventMessage)
		about := t[len(t)-1].Content["m.relates_to"].(map[string]any)["m.in_reply_to"].(map[string]any)
		if about["event_id"] != said.String() {
			w.Fatalf("the notice answers %v", about)
		}
		w.red.fail(nil)
		if _, err := w.journal.Retry(w.ctx, failed[0].ID); err != nil {
			w.Fatal(err)
		}
		w.settled()
		one(w, w.red, "message")
		if got := w.statuses(room, said); !slices.Equal(got, []string{"FAIL_PERMANENT", "SUCCESS"}) {
			w.Fatalf("after the retry the room was shown %v", got)
		}
	})
}

func TestFinalMarkBeatsWhatIsInside(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(string) error {
			return errs.Tell(errs.Final(fmt.Errorf("send: %w", errs.Temporary(w.expired(), time.Hour))), "too late.")
		})
		w.says(room, ana, "one")
		if failed := w.failed(); len(failed) != 1 || failed[0].Reason != "too late." {
			w.Fatalf("set aside: %+v", failed)
		}
	})
}

// expired is the error of a context whose time is over.
func (w *world) expired() error { return fmt.Errorf("call: %w", errDeadline) }

func TestPanicIsNotDone(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		panics := 0
		w.red.fail(func(string) error {
			if panics++; panics <= 2 {
				panic("oh no")
			}
			return nil
		})
		w.says(room, ana, "one")
		if got := one(w, w.red, "message"); got.Text != "one" || panics != 3 {
			w.Fatalf("the network got %v after %d panics", got, panics)
		}
		panics = -1000
		w.red.fail(func(string) error { panics++; panic("oh no") })
		said := w.says(room, ana, "two")
		if failed := w.failed(); len(failed) != 1 || panics != -1000+mostPanics {
			w.Fatalf("set aside: %+v after %d panics", failed, panics+1000)
		}
		if got := w.statuses(room, said); !slices.Equal(got, []string{"PENDING", "FAIL_PERMANENT"}) {
			w.Fatalf("the room was shown %v", got)
		}
	})
}

func TestWhatTheNetworkLacksIsExplained(t *testing.T) {
	relates := func(kind string, to id.EventID) object { return object{"rel_type": kind, "event_id": to} }
	alone(t, func(w *world) { w.red.plain = true }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		asked := w.hs.sent(room, event.EventMessage)[0].ID
		said := w.says(room, ana, "one")
		w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": "* two", "m.new_content": object{"msgtype": "m.text", "body": "two"}, "m.relates_to": relates("m.replace", said)})
		w.evt(room, ana, event.EventRedaction, object{"redacts": said})
		w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": asked, "key": "👍"}})
		w.evt(room, ana, event.EventUnstablePollStart, object{"org.matrix.msc3381.poll.start": object{"question": object{"org.matrix.msc1767.text": "When?"}}})
		w.evt(room, ana, event.EventMessage, object{"msgtype": "m.video", "body": "a.mp4", "url": "mxc://x/y"})
		w.evt(room, ana, event.EventMessage, object{"msgtype": "m.image", "body": "a.png", "url": "mxc://x/y", "info": object{"size": 2000}})
		w.settled()
		got := strings.Join(w.notices(room), "\n")
		for _, want := range []string{
			"Toy red does not let anybody change what was sent", "Toy red does not let anybody delete what was sent", "Toy red takes no reactions",
			"Toy red takes no polls", "Toy red has nothing that corresponds", "too large for Toy red. Send a smaller one, or a link to it. (media too large",
		} {
			if !strings.Contains(got, want) {
				w.Errorf("nobody was told %q, but:\n%s", want, got)
			}
		}
		if n := len(w.failed()); n != 6 {
			w.Errorf("%d were set aside", n)
		}
	})
	t.Run("UnknownTarget", func(t *testing.T) {
		alone(t, nil, func(w *world) {
			room := w.customer(w.red, "c1", "hello")
			w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": "$nowhere", "key": "👍"}})
			w.settled()
			if got := w.notices(room); len(got) != 1 || !strings.Contains(got[0], "did not reach Toy red") {
				w.Fatalf("the room was told %q", got)
			}
		})
	})
	t.Run("EveryRefusalHasWords", func(t *testing.T) {
		b := &hosted{}
		b.network.DisplayName = "Toy"
		for _, r := range refusals() {
			if words := errs.Message(b.explain(fmt.Errorf("send: %w", r.kind))); words == "" || strings.Contains(words, "{") {
				t.Errorf("%v is told as %q", r.kind, words)
			}
		}
		if err := b.explain(errToy); !errors.Is(err, errToy) || errs.Message(err) != "" {
			t.Errorf("a foreign error became %v", err)
		}
	})
}

func TestDeletingWhatNeverWentOutIsNoFailure(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.evt(room, ana, event.EventRedaction, object{"redacts": "$nowhere"})
		w.settled()
		if len(w.failed()) != 0 || len(w.notices(room)) != 0 {
			w.Fatalf("set aside %v, told %v", w.failed(), w.notices(room))
		}
	})
}

func TestNoticesAndDeletedMessagesAreIgnored(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		heard := len(w.desk.heard())
		notice := w.evt(room, ana, event.EventMessage, object{"msgtype": "m.notice", "body": "beep"})
		gone := w.evt(room, ana, event.EventMessage, object{}, object{"unsigned": object{"redacted_because": object{"event_id": "$x", "type": "m.room.redaction"}}})
		w.evt(room, ana, event.StateTopic, object{"topic": "x"}, object{"state_key": ""})
		w.settled()
		if len(w.red.got("")) != 0 || len(w.failed()) != 0 || len(w.notices(room)) != 0 || len(w.desk.heard()) != heard {
			w.Fatalf("network %v, failed %v, notices %v, desk %v", w.red.got(""), w.failed(), w.notices(room), w.desk.heard()[heard:])
		}
		if len(w.statuses(room, notice))+len(w.statuses(room, gone)) != 0 {
			w.Fatal("the room was shown a status")
		}
	})
}

func TestAccountThatIsNotConnected(t *testing.T) {
	// mautrix v0.31.0 reads the state of a login that is not connected without the lock under which it is written.
	silent := func(w *world) { w.red.silent, w.blue.silent = true, true }
	alone(t, silent, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.mu.Lock()
		w.red.online = false
		w.red.mu.Unlock()
		said := w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": "one"})
		w.until("the message to wait", func() bool { return slices.Equal(w.statuses(room, said), []string{"PENDING"}) })
		w.red.mu.Lock()
		w.red.online = true
		w.red.mu.Unlock()
		w.settled()
		one(w, w.red, "message")
		w.red.bridge.GetCachedUserLoginByID("account").Logout(w.ctx)
		w.says(room, ana, "two")
		if failed := w.failed(); len(failed) != 1 || !strings.Contains(failed[0].Reason, "not connected to Toy red") {
			w.Fatalf("set aside: %+v", failed)
		}
	})
}

func TestRoomThatIsNoConversationAnyMore(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.says(room, ana, "one")
		portal, err := w.red.bridge.GetPortalByMXID(w.ctx, room)
		w.must(err)
		w.must(portal.Delete(w.ctx))
		w.says(room, ana, "two")
		if failed := w.failed(); len(failed) != 1 || !strings.Contains(failed[0].Reason, "no longer connected") {
			w.Fatalf("set aside: %+v", failed)
		}
		if _, ok, err := w.hub.rooms.find(w.ctx, room); ok || err != nil {
			w.Fatalf("the room still has an owner: %v %v", ok, err)
		}
	})
}

func TestUnencryptedIsRefusedWhereEncryptionIsRequired(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hub.Encryption = EncryptionRequired
		w.says(room, ana, "one")
		if got := w.notices(room); len(got) != 1 || !strings.Contains(got[0], "not encrypted") || len(w.red.got("")) != 0 {
			w.Fatalf("the room was told %q", got)
		}
		for n, name := range []string{"sticker", "poll", "vote"} {
			w.evt(room, ana, sampleOf(name).kind, sampleOf(name).content)
			w.settled()
			if got := w.notices(room); len(got) != 2+n || !strings.Contains(got[1+n], "not encrypted") || len(w.red.got("")) != 0 {
				w.Fatalf("of a %s the room was told %q", name, got)
			}
		}
		w.hub.Encryption = EncryptionOff
		w.evt(room, ana, event.EventEncrypted, object{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "y", "sender_key": "z"})
		w.settled()
		if got := w.notices(room); len(got) != 5 || !strings.Contains(got[4], "without encryption") {
			w.Fatalf("the room was told %q", got)
		}
	})
}

func TestEntriesThatAreNoEvents(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.push(object{"events": []any{5, object{"type": "m.room.message"}, "x"}, "to_device": []any{object{"type": "m.dummy", "to_user_id": w.hub.Desk()}}})
		w.settled()
		if failed := w.failed(); len(failed) != 3 {
			w.Fatalf("set aside: %+v", failed)
		}
	})
}

func TestPoisonFromAProviderBlocksOnlyItsChatAndNotForEver(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.customer(w.red, "c1", "hello")
		take := func(n news) {
			payload, err := json.Marshal(n)
			w.must(err)
			w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: n.ID, Lane: n.Chat, Kind: "message", Payload: payload}))
		}
		take(news{Chat: "c1", From: "c1", ID: "poison", Kind: "poison", Parts: []string{"bad"}})
		take(news{Chat: "c1", From: "c1", ID: "behind", Parts: []string{"behind it"}})
		take(news{Chat: "c2", From: "c2", ID: "beside", Parts: []string{"beside it"}})
		w.settled()
		if failed := w.failed(); len(failed) != 1 || failed[0].Key != "poison" || failed[0].Attempts != mostPanics {
			w.Fatalf("set aside: %+v", failed)
		}
		said := ofKind[channel.MessageIn](w.desk)
		if len(said) != 3 || !slices.ContainsFunc(said, func(in channel.MessageIn) bool { return in.Content.Text == "behind it" }) {
			w.Fatalf("the desk was told of %+v", said)
		}
	})
}
