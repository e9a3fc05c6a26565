package bridgetest

import (
	"strings"

	"maunium.net/go/mautrix/event"
)

func changeOutChecks() []Check {
	return []Check{
		{Name: "AnAgentsReplyQuotesItsTarget", Says: "An agent's reply quotes what it answers on the phone, where that is declared; its words arrive in any case.", run: checkReplyOut},
		{Name: "AnAgentsReactionComesChangesAndGoes", Says: "An agent's emoji comes, is changed and is taken off again, or is refused with a reason.", run: checkReactionOut},
		{Name: "AnAgentsEditChangesTheMessageOrIsRefused", Says: "An agent's edit changes what the phone shows, or is refused with a reason.", run: checkEditOut},
		{Name: "AnAgentsDeletionDeletesOrIsRefused", Says: "What an agent deletes is gone from the phone, or the deletion is refused with a reason.", run: checkDeleteOut},
	}
}

// message finds the phone's message by its ID.
func (p Phone) message(messageID string) (Message, bool) {
	for _, m := range p.Messages {
		if m.ID == messageID {
			return m, true
		}
	}
	return Message{}, false
}

func checkReplyOut(c *trial) {
	asked, target := c.anaSays(c.words.phrase("which size?"))
	text := c.words.phrase("large")
	c.sends(event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: text, RelatesTo: (&event.RelatesTo{}).SetReplyTo(target.ID), Mentions: &event.Mentions{},
	})
	got := c.shows(c.ana, "the reply", func(m Message) bool { return m.FromBusiness && strings.Contains(m.Text, text) })
	if !c.features().Reply.Partial() {
		c.notApplicable("the network does not declare it; the words arrive")
		return
	}
	if got.ReplyTo != asked || got.Text != text {
		c.t.Errorf("the reply says %q and quotes %q, not %q", got.Text, got.ReplyTo, asked)
	}
}

func checkReactionOut(c *trial) {
	messageID, target := c.anaSays(c.words.phrase("thank you"))
	shows := func(what, emoji string) {
		c.t.Helper()
		c.phone(c.ana, what, func(p Phone) bool {
			m, found := p.message(messageID)
			for _, r := range m.Reactions {
				if r.FromBusiness {
					return strings.TrimSuffix(r.Emoji, "\ufe0f") == emoji
				}
			}
			return found && emoji == ""
		})
	}
	first, err := c.bob.SendReaction(c.ctx, c.room, target.ID, "👍")
	c.must(err)
	if !c.features().Reaction.Partial() {
		c.mustRefuse("a reaction", first.EventID)
		c.refused()
		return
	}
	shows("the reaction", "👍")
	second, err := c.bob.SendReaction(c.ctx, c.room, target.ID, "❤️")
	c.must(err)
	if c.features().ReactionCount == 1 {
		shows("the changed reaction", "❤")
	} else {
		_, err = c.bob.RedactEvent(c.ctx, c.room, first.EventID)
		c.must(err)
	}
	_, err = c.bob.RedactEvent(c.ctx, c.room, second.EventID)
	c.must(err)
	shows("no reaction", "")
}

func checkEditOut(c *trial) {
	before, after := c.words.phrase("at fvie"), c.words.phrase("at five")
	sent, got := c.bobSays(before)
	edit := c.sends(event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "* " + after, NewContent: &event.MessageEventContent{MsgType: event.MsgText, Body: after, Mentions: &event.Mentions{}},
		RelatesTo: (&event.RelatesTo{}).SetReplace(sent), Mentions: &event.Mentions{},
	})
	if !c.features().Edit.Partial() {
		c.mustRefuse("an edit", edit)
		if n := c.copies(c.ana, before); n != 1 {
			c.t.Errorf("after the refusal the phone shows the first words %d times", n)
		}
		c.refused()
		return
	}
	c.phone(c.ana, "the edit", func(p Phone) bool {
		m, _ := p.message(got.ID)
		return m.Text == after
	})
}

func checkDeleteOut(c *trial) {
	sent, got := c.bobSays(c.words.phrase("forget it"))
	redaction, err := c.bob.RedactEvent(c.ctx, c.room, sent)
	c.must(err)
	if !c.features().Delete.Partial() {
		c.mustRefuse("a deletion", redaction.EventID)
		c.refused()
		return
	}
	c.phone(c.ana, "the deletion", func(p Phone) bool {
		m, found := p.message(got.ID)
		return !found || m.Deleted
	})
}
