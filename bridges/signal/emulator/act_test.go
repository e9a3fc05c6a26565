package emulator_test

import (
	"testing"

	"puente/bridges/signal/emulator"
)

func TestActs(t *testing.T) {
	w := newWorld(t, nil).withAna()
	ref := w.must(w.chat(ana).SendText("look at this"))
	w.c.next("dataMessage")
	on := func(method string, params object) object {
		t.Helper()
		params["account"], params["recipient"] = shop, ana
		return w.c.ok(method, params).(object)
	}
	seen := func(ref emulator.Ref) emulator.Message {
		m, _ := w.now(ana).Message(ref)
		return m
	}

	t.Run("ReactionIsSetAndRemoved", func(t *testing.T) {
		about := object{"emoji": "❤️", "targetAuthor": ana, "targetTimestamp": ref.Timestamp}
		has(t, "result", list(on("sendReaction", about), "results")[0], object{"type": "SUCCESS"})
		equal(t, "reactions", seen(ref).Reactions, []emulator.Reaction{{By: shopACI, Emoji: "❤️"}})
		about["remove"] = true
		on("sendReaction", about)
		equal(t, "reactions", len(seen(ref).Reactions), 0)
		w.c.fail(-32603, "sendReaction", object{"account": shop, "recipient": ana, "targetTimestamp": 1})
		w.c.fail(-32603, "sendReaction", object{"account": shop, "recipient": ana, "emoji": "x"})
	})
	t.Run("OwnMessageIsDeleted", func(t *testing.T) {
		m := w.send(object{"message": "oops"})
		on("remoteDelete", object{"targetTimestamp": m.Timestamp})
		if got := seen(m.Ref()); !got.Deleted || got.Text != "" {
			t.Errorf("the phone shows %+v", got)
		}
		before := len(w.e.Ignored())
		on("remoteDelete", object{"targetTimestamp": ref.Timestamp})
		if seen(ref).Deleted || len(w.e.Ignored()) != before+1 {
			t.Error("a customer's message was deleted")
		}
	})
	t.Run("PollLivesThroughItsVotes", func(t *testing.T) {
		made := on("sendPollCreate", object{"question": "When?", "option": []string{"today", "tomorrow"}, "noMulti": true})
		poll := emulator.Ref{Author: shopACI, Timestamp: int64(made["timestamp"].(float64))}
		vote := object{"pollAuthor": shopACI, "pollTimestamp": poll.Timestamp, "option": 1, "voteCount": 1}
		on("sendPollVote", vote)
		w.okay(w.chat(ana).Vote(poll, 0))
		equal(t, "votes", seen(poll).Poll.Votes, []emulator.Vote{{By: shopACI, Options: []int{1}, Count: 1}, {By: ana, Options: []int{0}, Count: 1}})
		before := len(w.e.Ignored())
		on("sendPollVote", vote) // the same vote count again
		if len(w.e.Ignored()) != before+1 {
			t.Error("an old vote count was taken")
		}
		on("sendPollTerminate", object{"pollTimestamp": poll.Timestamp})
		if !seen(poll).Poll.Closed {
			t.Error("the poll is open")
		}
		for _, options := range []any{[]string{"one"}, []string{"one", ""}, make([]string, 11)} {
			w.c.fail(-1, "sendPollCreate", object{"account": shop, "recipient": ana, "question": "?", "option": options})
		}
	})
	t.Run("PinAndUnpin", func(t *testing.T) {
		on("sendPinMessage", object{"targetAuthor": ana, "targetTimestamp": ref.Timestamp, "pinDuration": 60})
		if !seen(ref).Pinned {
			t.Error("it is not pinned")
		}
		on("sendUnpinMessage", object{"targetTimestamp": ref.Timestamp}) // the author is the only recipient
		if seen(ref).Pinned {
			t.Error("it is pinned")
		}
	})
	if got := w.e.UnknownParams(); len(got) != 0 {
		t.Errorf("unknown parameters: %v", got)
	}
}

func TestTypingAndReceipts(t *testing.T) {
	t.Run("NothingReachesTheCustomerBeforeTheRequestIsAccepted", func(t *testing.T) {
		w := newWorld(t, nil)
		w.subscribe()
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		ref := w.must(w.chat(ana).SendText("hello?"))
		w.c.next("dataMessage")
		typing := func() { w.c.ok("sendTyping", object{"account": shop, "recipient": ana}) }
		read := func() {
			w.c.ok("sendReceipt", object{"account": shop, "recipient": ana, "targetTimestamp": ref.Timestamp, "type": "read"})
		}
		typing()
		read()
		p := w.now(ana)
		if len(p.Typing) != 0 || len(p.Receipts) != 1 || p.Receipts[0].Type != "delivery" || len(w.e.Ignored()) != 2 {
			t.Errorf("the phone shows typing %v and receipts %v", p.Typing, p.Receipts)
		}
		w.c.ok("sendMessageRequestResponse", object{"account": shop, "recipient": ana, "type": "accept"})
		typing()
		read()
		p = w.now(ana)
		equal(t, "typing", p.Typing, []emulator.Typist{{ACI: shopACI}})
		equal(t, "receipts", p.Receipts[1:], []emulator.Receipt{{Account: shop, Type: "read", Timestamps: []int64{ref.Timestamp}}})
		m, _ := p.Message(ref)
		equal(t, "state", m.State(shopACI), emulator.Read)
		w.c.ok("sendTyping", object{"account": shop, "recipient": ana, "stop": true})
		equal(t, "typing", len(w.now(ana).Typing), 0)
		w.c.ok("sendReceipt", object{"account": shop, "recipient": ana, "targetTimestamps": []int64{ref.Timestamp}, "type": "viewed"})
		m, _ = w.now(ana).Message(ref)
		equal(t, "state", m.State(shopACI), emulator.Viewed)
		w.c.fail(-1, "sendReceipt", object{"account": shop, "recipient": ana, "targetTimestamp": 1, "type": "heard"})
		w.c.fail(-1, "sendTyping", object{"account": shop})
	})
	t.Run("WritingAcceptsToo", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.c.ok("sendTyping", object{"account": shop, "recipients": []string{ana}})
		equal(t, "typing", len(w.now(ana).Typing), 1)
	})
	t.Run("ConfigurationSwitchesThemOff", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.c.ok("updateConfiguration", object{"account": shop, "readReceipts": false, "typingIndicators": false})
		got := w.c.ok("sendTyping", object{"account": shop, "recipient": ana})
		equal(t, "results", got.(object)["results"], []any{})
		w.c.ok("sendReceipt", object{"account": shop, "recipient": ana, "targetTimestamp": 1})
		p := w.now(ana)
		if len(p.Typing) != 0 || len(p.Receipts) != 1 {
			t.Errorf("typing %v, receipts %v", p.Typing, p.Receipts)
		}
	})
}
