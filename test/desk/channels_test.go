package desk

import (
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/test/company"
)

func TestOneCustomerOverAllChannels(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{Agents: threeAgents()})
	alice, bob := c.Agents["alice"], c.Agents["bob"]
	here := c.Opens("whatsapp", "Ana", bob)
	there := c.Opens("telegram", "Anita", bob)

	c.Sub(t, "TwoAreMergedAndTheCardShowsTheOtherChannel", func(t *testing.T) {
		if got := bob.Answer(bob.Writes(here.Room, "!puente merge Anita")); !strings.HasPrefix(got, "They are one customer now.") {
			t.Fatalf("the answer is %q", got)
		}
		here.Card(bob, "Also on Telegram")
		there.Card(bob, "Also on WhatsApp")
	})
	c.Sub(t, "WhoeverIsInOneOfTheRoomsMayEnterTheCustomersSpace", func(t *testing.T) {
		var space id.RoomID
		c.Must(c.App.DB.QueryRow(c.Ctx, `SELECT room_id FROM pu_view WHERE key LIKE 'customer:%'`).Scan(&space))
		if _, err := bob.JoinRoomByID(c.Ctx, space); err != nil {
			t.Fatal(err)
		}
		c.Until("both rooms in the space", func() bool {
			rooms := bob.Spaces()["Ana"]
			return len(rooms) == 2 && slices.Contains(rooms, here.Room) && slices.Contains(rooms, there.Room)
		})
	})
	c.Sub(t, "AnAnswerGoesOverTheOtherChannel", func(t *testing.T) {
		if got := bob.Answer(bob.Writes(here.Room, "!puente via telegram Your order is ready")); !strings.HasPrefix(got, "Written on Telegram: https://matrix.to/#/"+there.Room.String()) {
			t.Errorf("the answer is %q", got)
		}
		there.Gets("Your order is ready")
		if got := alice.Answer(alice.Writes(here.Room, "!puente via signal hello")); !strings.Contains(got, "There is: Telegram.") {
			t.Errorf("a channel that the customer has not is answered with %q", got)
		}
	})
	c.Sub(t, "TheCustomerSaysWhichChannelTheyPrefer", func(*testing.T) {
		here.Writes("Please write to me on Telegram!")
		here.Gets("From now on we write to you on Telegram. If you want to change that, tell us another app in the same way.")
		here.Card(bob, "prefers Telegram")
	})
	c.Sub(t, "ABlockedCustomerGetsNothing", func(t *testing.T) {
		bob.Answer(bob.Writes(here.Room, "!puente block"))
		if got := bob.Answer(bob.Writes(here.Room, "are you there?")); !strings.Contains(got, "this customer is blocked. `!puente unblock`") {
			t.Errorf("the refusal is %q", got)
		}
		bob.Answer(bob.Writes(there.Room, "!puente unblock"))
		bob.Writes(here.Room, "back again")
		here.Gets("back again")
		if slices.ContainsFunc(here.Received(), func(m phone.Message) bool { return m.Text == "are you there?" }) {
			t.Error("a blocked customer got a message")
		}
	})
	c.Sub(t, "AStopIsConfirmedOnceAndKept", func(t *testing.T) {
		here.Writes("STOP")
		confirmed := here.Shows("a confirmation", func(m phone.Message) bool { return !m.Mine && strings.Contains(m.Text, "START") })
		here.Writes("stop.")
		bob.Text("stop.")
		bob.Writes(here.Room, "an answer may go in any case")
		here.Gets("an answer may go in any case")
		for _, m := range here.Received() {
			if m.Text == confirmed.Text && m.ID != confirmed.ID {
				t.Error("it was confirmed twice")
			}
		}
		if got := bob.Answer(bob.Writes(here.Room, "!puente consent")); !strings.Contains(got, "marketing on WhatsApp: not allowed\n") {
			t.Errorf("the ledger says %q", got)
		}
	})
	c.Sub(t, "TheMergeIsUndone", func(t *testing.T) {
		var merged string
		c.Must(c.App.DB.QueryRow(c.Ctx, `SELECT merged FROM pu_merge`).Scan(&merged))
		bob.Answer(bob.Writes(here.Room, "!puente unmerge "+merged))
		if got := bob.Answer(bob.Writes(here.Room, "!puente via telegram hello")); !strings.Contains(got, "no other conversation there") {
			t.Errorf("after the merge was undone: %q", got)
		}
	})
}

func TestLinkedConversations(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{Agents: threeAgents()})
	bob := c.Agents["bob"]
	ana, sup := c.Opens("whatsapp", "Ana", bob), c.Opens("telegram", "Supplier", bob)
	bob.Writes(ana.Room, "!puente link telegram Supplier")
	ana.Gets("You are connected with Supplier now: what you write here, both of you read.")
	sup.Gets("You are connected with Ana now: what you write here, both of you read.")

	c.Sub(t, "WordsAndFilesGoAcrossWithTheirAuthor", func(t *testing.T) {
		ana.Writes("When does it come?")
		sup.Gets("Ana:\nWhen does it come?")
		sup.Writes("On Friday")
		ana.Gets("*Supplier:*\nOn Friday")
		bob.Writes(ana.Room, "I'll watch over it")
		ana.Gets("I'll watch over it")
		sup.Gets("Bob Weber:\nI'll watch over it")
		sup.Does(phone.Gesture{Kind: phone.SendFile})
		ana.Shows("the picture", func(m phone.Message) bool { return !m.Mine && m.File != nil })
	})
	c.Sub(t, "RepliesReactionsEditsDeletions", func(t *testing.T) {
		friday := ana.Gets("*Supplier:*\nOn Friday")
		ana.Does(phone.Gesture{Kind: phone.Text, Message: friday.ID, Text: "That is fine"})
		original := sup.Shows("its own words", func(m phone.Message) bool { return m.Mine && m.Text == "On Friday" })
		answer := sup.Gets("Ana:\nThat is fine")
		if answer.Quote != original.ID {
			t.Errorf("the answer quotes %q, not %q", answer.Quote, original.ID)
		}
		ana.Does(phone.Gesture{Kind: phone.React, Message: friday.ID, Text: "👍"})
		sup.Shows("the reaction", func(m phone.Message) bool { return m.ID == original.ID && slices.Contains(m.Reactions, "👍") })
	})
	c.Sub(t, "NotesStay", func(t *testing.T) {
		bob.Writes(ana.Room, "!puente note he is often late")
		bob.Writes(ana.Room, "Anything else?")
		sup.Gets("Bob Weber:\nAnything else?")
		for _, chat := range []*company.Chat{ana, sup} {
			if slices.ContainsFunc(chat.Received(), func(m phone.Message) bool { return strings.Contains(m.Text, "late") }) {
				t.Error("a note went across")
			}
		}
	})
	c.Sub(t, "AnUnlinkEndsIt", func(t *testing.T) {
		ana.Card(bob, "🔗 Linked")
		bob.Writes(sup.Room, "!puente unlink")
		ana.Gets("You are no longer connected with Supplier.")
		sup.Gets("You are no longer connected with Ana.")
		ana.Writes("Still there?")
		bob.Text("Still there?")
		bob.Writes(sup.Room, "Thank you")
		sup.Gets("Thank you")
		if slices.ContainsFunc(sup.Received(), func(m phone.Message) bool { return strings.Contains(m.Text, "Still there?") }) {
			t.Error("something went across after the end")
		}
	})
}
