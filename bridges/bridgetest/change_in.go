package bridgetest

import (
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
	"puente/core/testkit/person"
)

func changeInChecks() []Check {
	return []Check{
		{Name: "AReplyPointsAtItsTarget", Says: "A reply points at what it answers: at the business's words and at the customer's own.", run: checkReplyIn},
		{Name: "AReplyToSomethingUnknownArrives", Says: "A reply to what Puente never saw arrives as a message.", run: checkReplyUnseen},
		{Name: "ReactionsComeChangeAndGo", Says: "A customer's emoji comes, is changed and is taken off again.", run: checkReactionIn},
		{Name: "AnEditArrives", Says: "A customer's edit changes the message.", run: checkEditIn},
		{Name: "ADeletionArrives", Says: "What a customer deletes is taken out of the room.", run: checkDeleteIn},
		{
			Name: "ChangesOfSomethingUnknownHoldNothingUp",
			Says: "A reaction, an edit or a deletion of what Puente never saw holds nothing up.",
			run:  checkUnseen,
		},
		{Name: "DeliveredAndReadAreShown", Says: "That a message was delivered and read shows at the message.", run: checkReceiptsIn},
	}
}

func checkReplyIn(c *trial) {
	sent, shown := c.bobSays(c.words.phrase("wrapped?"))
	text := c.words.phrase("yes")
	mark := c.bob.Mark()
	if !c.carried(network.FeatureReply, Say{Text: text, Where: Where{ReplyTo: shown.ID}}) {
		return
	}
	first := c.sees("the reply", mark, c.fromAna(said(text)))
	if got := first.Content.AsMessage().RelatesTo.GetReplyTo(); got != sent {
		c.t.Errorf("the reply points at %q, not at %q", got, sent)
	}
	own, evt := c.anaSays(c.words.phrase("or no"))
	text = c.words.phrase("I mean this")
	c.does(c.ana, Say{Text: text, Where: Where{ReplyTo: own}})
	second := c.sees("the reply to her own words", mark, c.fromAna(said(text)))
	if got := second.Content.AsMessage().RelatesTo.GetReplyTo(); got != evt.ID {
		c.t.Errorf("the reply to her own words points at %q, not at %q", got, evt.ID)
	}
}

// said is a message that says the text, possibly among others.
func said(text string) func(*event.Event, *event.MessageEventContent) bool {
	return func(_ *event.Event, msg *event.MessageEventContent) bool { return strings.Contains(msg.Body, text) }
}

func checkReplyUnseen(c *trial) {
	if !c.receives(network.FeatureReply) {
		c.notApplicable("the network does not carry replies")
		return
	}
	text := c.words.phrase("about something long ago")
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, Say{Text: text, Where: Where{ReplyTo: Unseen}}); !known {
		c.notApplicable("customers cannot answer what Puente never saw")
		return
	}
	c.sees("the reply", mark, c.fromAna(said(text)))
}

func checkReactionIn(c *trial) {
	sent, shown := c.bobSays(c.words.phrase("react to this"))
	mark := c.bob.Mark()
	if !c.carried(network.FeatureReaction, React{Message: shown.ID, Emoji: "👍"}) {
		return
	}
	first := c.sees("the reaction", mark, person.Reaction(sent, "👍"))
	c.does(c.ana, React{Message: shown.ID, Emoji: "❤"})
	c.sees("the first reaction taken off", mark, person.Redaction(first.ID))
	second := c.sees("the other reaction", mark, person.Reaction(sent, "❤"))
	c.does(c.ana, React{Message: shown.ID})
	c.sees("the reaction taken off", mark, person.Redaction(second.ID))
	if first.Sender != c.ghost {
		c.t.Errorf("the reaction is from %s", first.Sender)
	}
	own, evt := c.anaSays(c.words.phrase("my own words"))
	if _, known := c.tries(c.ana, React{Message: own, Emoji: "👍"}); known {
		c.sees("the reaction on her own words", mark, person.Reaction(evt.ID, "👍"))
	}
}

func checkEditIn(c *trial) {
	before, after := c.words.phrase("I want tow"), c.words.phrase("I want two")
	messageID, evt := c.anaSays(before)
	mark := c.bob.Mark()
	if !c.carried(network.FeatureEdit, Edit{Message: messageID, Text: after}) {
		return
	}
	c.sees("the edit", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.NewContent != nil && msg.NewContent.Body == after && msg.RelatesTo.GetReplaceID() == evt.ID
	}))
	again := c.words.phrase("I want three")
	c.does(c.ana, Edit{Message: messageID, Text: again})
	c.sees("the second edit", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.NewContent != nil && msg.NewContent.Body == again && msg.RelatesTo.GetReplaceID() == evt.ID
	}))
}

func checkDeleteIn(c *trial) {
	messageID, evt := c.anaSays(c.words.phrase("forget this"))
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, Delete{Message: messageID})
	switch {
	case !c.receives(network.FeatureDelete):
		c.notApplicable("the network does not tell it")
	case !known:
		c.t.Fatal("it is declared, but customers cannot do it")
	default:
		c.sees("the deletion", mark, person.Redaction(evt.ID))
	}
}

func checkUnseen(c *trial) {
	tried := 0
	for feature, act := range map[network.Feature]Act{
		network.FeatureReaction: React{Message: Unseen, Emoji: "👍"}, network.FeatureEdit: Edit{Message: Unseen, Text: c.words.phrase("edited")},
		network.FeatureDelete: Delete{Message: Unseen},
	} {
		if !c.receives(feature) {
			continue
		}
		if _, known := c.tries(c.ana, act); known {
			tried++
			c.fence()
		}
	}
	if tried == 0 {
		c.notApplicable("customers cannot do it")
	}
}

func checkReceiptsIn(c *trial) {
	if !c.receives(network.FeatureDelivered) && !c.receives(network.FeatureRead) {
		c.notApplicable("the network does not tell it")
		return
	}
	sent, shown := c.bobSays(c.words.phrase("did you get this?"))
	c.sees("the status of the message", 0, person.Status(sent, event.MessageStatusSuccess))
	if c.receives(network.FeatureDelivered) {
		c.sees("that it was delivered", 0, person.Receipt(sent, func(user id.UserID) bool {
			return user == id.NewUserID(c.identity.BridgeBot(c.network.ID), domain)
		}))
	}
	if c.receives(network.FeatureRead) {
		c.does(c.ana, Read{Message: shown.ID})
		c.sees("that it was read", 0, person.Receipt(sent, func(user id.UserID) bool { return user == c.ghost }))
	}
}
