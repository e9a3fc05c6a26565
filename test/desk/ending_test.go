package desk

import (
	"slices"
	"strings"
	"testing"

	"puente/bridges/bridgekit/phone"
	"puente/test/company"
)

const question = "How was our help, from 1 (bad) to 5 (very good)?"

func TestWhatIsLeftAtTheEnd(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{
		Agents: threeAgents(),
		Config: map[string]string{
			"desk.survey": question, "desk.fallback": "true", "desk.closing.required": "true", "desk.closing.categories": "refund, delivery",
			"desk.assignee_policy": "assignee",
		},
	})
	alice, bob := c.Agents["alice"], c.Agents["bob"]
	chat := c.Opens("signal", "Cleo", bob)

	c.Sub(t, "OnlyTheAssigneeWrites", func(t *testing.T) {
		bob.Writes(chat.Room, "I'll look after it")
		chat.Gets("I'll look after it")
		if got := alice.Answer(alice.Writes(chat.Room, "me too")); !strings.Contains(got, "Bob Weber has this conversation. `!puente assign me` takes it over") {
			t.Errorf("a colleague is told %q", got)
		}
	})
	c.Sub(t, "AResolutionNamesWhatItWasAbout", func(t *testing.T) {
		if got := bob.Answer(bob.Writes(chat.Room, "!puente resolve")); !strings.Contains(got, "refund, delivery") {
			t.Errorf("without a category: %q", got)
		}
		mark := bob.Mark()
		bob.Writes(chat.Room, "!puente resolve Refund | paid back")
		chat.Topic(bob, mark, "resolved")
	})
	c.Sub(t, "TheCustomerIsAskedAndTheAnswerOpensNothing", func(t *testing.T) {
		chat.Gets(question)
		chat.Writes("5")
		bob.Text("5")
		c.Until("the score", func() bool {
			var score int
			var feedback, category string
			err := c.App.DB.QueryRow(c.Ctx, `SELECT COALESCE(score, 0), feedback, category FROM pu_closing`).Scan(&score, &feedback, &category)
			return err == nil && score == 5 && feedback == "" && category == "refund"
		})
		var status string
		c.Must(c.App.DB.QueryRow(c.Ctx, `SELECT status FROM pu_conversation`).Scan(&status))
		if status != "resolved" {
			t.Errorf("the conversation is %s", status)
		}
	})
	c.Sub(t, "WhatOneNetworkCannotDeliverGoesByAnother", func(t *testing.T) {
		broken := c.OpensAt("whatsapp", "Dora", "16505550470", bob)
		other := c.Opens("telegram", "Dorothea", bob)
		bob.Answer(bob.Writes(broken.Room, "!puente merge Dorothea"))
		bob.Writes(broken.Room, "Your table is booked")
		other.Gets("Your table is booked")
		bob.Finds(0, "where it went", broken.Here(notice("↪️ Sent on Telegram instead")))
		bob.Finds(0, "where it came from", other.Here(notice("↩️ WhatsApp could not deliver this")))
		other.Writes("STOP")
		other.Shows("a confirmation", func(m phone.Message) bool { return !m.Mine && strings.Contains(m.Text, "START") })
		if got := bob.Answer(bob.Writes(broken.Room, "And another thing")); !strings.Contains(got, "Not delivered") {
			t.Errorf("what failed is answered with %q", got)
		}
		bob.Writes(other.Room, "to be sure")
		other.Gets("to be sure")
		if slices.ContainsFunc(other.Received(), func(m phone.Message) bool { return m.Text == "And another thing" }) {
			t.Error("it went to a channel where the customer said stop")
		}
	})
}
