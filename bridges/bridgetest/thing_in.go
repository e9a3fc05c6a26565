package bridgetest

import (
	"slices"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

func thingInChecks() []Check {
	return []Check{
		{Name: "ALocationArrives", Says: "A place arrives with its coordinates and, if it has one, its name.", run: checkLocationIn},
		{Name: "AContactArrives", Says: "A card of the address book arrives with name and number.", run: checkContactIn},
		{Name: "APollArrives", Says: "A customer's poll arrives with its question and its options.", run: checkPollIn},
		{Name: "VotesArrive", Says: "A customer's vote in the business's poll arrives.", run: checkVoteIn},
		{
			Name: "ButtonsAndTheirAnswer",
			Says: "A question with buttons reaches the phone, and the answer carries which was chosen.",
			run:  checkAnswerIn,
		},
		{Name: "TypingIsShown", Says: "That a customer is typing shows in the room.", run: checkTypingIn},
		{Name: "ACallIsSaid", Says: "A customer's call is told by a notice.", run: checkCallIn},
		{Name: "OwnWordsAreTheBusinesss", Says: "What the business writes in the provider's own app stands in the room as its own.", run: checkOwn},
		{
			Name: "AnUnknownKindIsShownAsANotice",
			Says: "Something of a kind that no bridge can know is told by a notice, and holds nothing up.",
			run:  checkUnknownIn,
		},
	}
}

// carried lets ana do something. It is false, with the verdict, if the network does not declare it.
func (c *trial) carried(feature network.Feature, act Act) bool {
	c.t.Helper()
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, act)
	switch {
	case known && c.receives(feature):
		return true
	case known:
		c.shownAsNotice(mark)
	case c.receives(feature):
		c.t.Fatal("it is declared, but customers cannot do it")
	default:
		c.notApplicable("customers cannot do it")
	}
	return false
}

func checkLocationIn(c *trial) {
	place := Location{Latitude: 40.416775, Longitude: -3.70379, Name: c.words.phrase("Puerta del Sol"), Address: "Madrid"}
	mark := c.bob.Mark()
	if !c.carried(network.FeatureLocation, SendLocation{Location: place}) {
		return
	}
	msg := c.sees("the place", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgLocation
	})).Content.AsMessage()
	if !strings.HasPrefix(msg.GeoURI, "geo:40.41677") || !strings.Contains(msg.GeoURI, ",-3.7037") {
		c.t.Errorf("the place came as %q", msg.GeoURI)
	}
	if !strings.Contains(msg.Body, place.Name) {
		c.note = "without the place's name"
	}
}

func checkContactIn(c *trial) {
	card := Contact{Name: c.words.phrase("Luis Gil"), Phone: "+34600111222", Email: "luis@example.org"}
	mark := c.bob.Mark()
	if !c.carried(network.FeatureContact, SendContact{Contact: card}) {
		return
	}
	c.sees("the card", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		digits := strings.NewReplacer(" ", "", "-", "").Replace(msg.Body)
		return strings.Contains(msg.Body, card.Name) && strings.Contains(digits, strings.TrimPrefix(card.Phone, "+"))
	}))
}

func checkPollIn(c *trial) {
	poll := Poll{Question: c.words.phrase("Which lamp?"), Options: []string{"The blue one", "The red one"}}
	mark := c.bob.Mark()
	if !c.carried(network.FeaturePoll, SendPoll{Poll: poll}) {
		return
	}
	c.sees("the poll", mark, func(evt *event.Event) bool {
		if evt.RoomID != c.room || evt.Sender != c.ghost {
			return false
		}
		text := pollText(evt)
		return strings.Contains(text, poll.Question) && strings.Contains(text, poll.Options[0]) && strings.Contains(text, poll.Options[1])
	})
}

// pollText is all that a poll says, whether it came as a poll or as words.
func pollText(evt *event.Event) string {
	switch content := evt.Content.Parsed.(type) {
	case *event.PollStartEventContent:
		text := content.PollStart.Question.Text
		for _, answer := range content.PollStart.Answers {
			text += "\n" + answer.Text
		}
		return text
	case *event.MessageEventContent:
		return content.Body
	}
	return ""
}

func checkVoteIn(c *trial) {
	if !c.receives(network.FeaturePollVote) {
		c.notApplicable("the network does not declare it")
		return
	}
	poll := Poll{Question: c.words.phrase("Shall we wrap it?"), Options: []string{"Yes", "No"}}
	sent := c.sends(event.EventUnstablePollStart, pollContent(poll))
	shown := c.shows(c.ana, "the poll", func(m Message) bool { return m.FromBusiness && m.Poll != nil && m.Poll.Question == poll.Question })
	mark := c.bob.Mark()
	c.does(c.ana, Vote{Poll: shown.ID, Options: []int{1}})
	c.sees("the vote", mark, func(evt *event.Event) bool {
		switch content := evt.Content.Parsed.(type) {
		case *event.PollResponseEventContent:
			return evt.Sender == c.ghost && content.RelatesTo.EventID == sent && slices.Equal(content.Response.Answers, []string{"answer-1"})
		case *event.MessageEventContent:
			return evt.Sender == c.ghost && strings.Contains(content.Body, "No")
		}
		return false
	})
}

// pollContent is a poll as an agent's client starts one.
func pollContent(poll Poll) map[string]any {
	answers := make([]map[string]any, len(poll.Options))
	for i, option := range poll.Options {
		answers[i] = map[string]any{"id": "answer-" + string(rune('0'+i)), "org.matrix.msc1767.text": option}
	}
	return map[string]any{
		"org.matrix.msc3381.poll.start": map[string]any{
			"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1, "answers": answers,
			"question": map[string]any{"org.matrix.msc1767.text": poll.Question, "msgtype": "m.text", "body": poll.Question},
		},
		"org.matrix.msc1767.text": poll.Question,
	}
}

func checkAnswerIn(c *trial) {
	question := c.words.phrase("Deliver today?")
	mark := c.bob.Mark()
	command := c.says(c.room, "!puente buttons "+question+" | Yes please | Tomorrow")
	if c.network.Capabilities.Chats[0].Choices.Reject() {
		if answer := c.sees("why buttons were refused", mark, func(evt *event.Event) bool {
			msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
			return ok && msg.MsgType == event.MsgNotice && evt.RoomID == c.room
		}).Content.AsMessage().Body; len(answer) < aReason {
			c.t.Errorf("buttons are refused by %q", answer)
		}
		c.refused()
		return
	}
	asked := c.sees("the question in the room", mark, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.ID != command && strings.HasPrefix(msg.Body, question)
	})
	shown := c.shows(c.ana, "the question", func(m Message) bool { return m.FromBusiness && strings.HasPrefix(m.Text, question) })
	if !c.network.Capabilities.Chats[0].Choices.Full() {
		c.note = "as text"
		return
	}
	if !slices.Equal(shown.Choices, []string{"Yes please", "Tomorrow"}) {
		c.t.Fatalf("the buttons came as %q", shown.Choices)
	}
	if !c.receives(network.FeatureAnswer) {
		c.t.Fatal("buttons are declared, but not their answers")
	}
	c.does(c.ana, Press{Message: shown.ID, Choice: "Tomorrow"})
	answer := c.sees("the answer", mark, c.fromAna(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.Contains(msg.Body, "Tomorrow")
	}))
	chosen, _ := answer.Content.Raw[network.AnswerKey].(map[string]any)
	if id, _ := chosen["id"].(string); id == "" {
		c.t.Errorf("the answer carries %v", answer.Content.Raw[network.AnswerKey])
	}
	if got := answer.Content.AsMessage().RelatesTo.GetReplyTo(); got != asked.ID {
		c.note = "the answer does not point at its question"
	}
}

func checkTypingIn(c *trial) {
	mark := c.bob.Mark()
	_, known := c.tries(c.ana, Type{On: true})
	switch {
	case !c.receives(network.FeatureTyping):
		c.notApplicable("the network does not tell it")
		return
	case !known:
		c.t.Fatal("it is declared, but customers cannot do it")
	}
	types := func(want bool) func(*event.Event) bool {
		return func(evt *event.Event) bool {
			typing, ok := evt.Content.Parsed.(*event.TypingEventContent)
			return ok && evt.RoomID == c.room && slices.Contains(typing.UserIDs, c.ghost) == want
		}
	}
	c.sees("that ana types", mark, types(true))
	mark = c.bob.Mark()
	c.does(c.ana, Type{On: false})
	c.sees("that ana types no more", mark, types(false))
}

func checkCallIn(c *trial) {
	mark := c.bob.Mark()
	if !c.carried(network.FeatureCall, Call{}) {
		return
	}
	c.sees("the call", mark, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.RoomID == c.room && msg.MsgType == event.MsgNotice
	})
}

func checkOwn(c *trial) {
	text := c.words.phrase("from the boss")
	mark := c.bob.Mark()
	if !c.carried(network.FeatureOwn, Own{Text: text}) {
		return
	}
	evt := c.sees("the business's own words", mark, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.RoomID == c.room && msg.Body == text
	})
	if evt.Sender == c.ghost {
		c.t.Error("the business's own words stand in the room as the customer's")
	}
	c.fence()
	if n := c.copies(c.ana, text); n != 1 {
		c.t.Errorf("the phone shows the business's own words %d times", n)
	}
}

func checkUnknownIn(c *trial) {
	mark := c.bob.Mark()
	if _, known := c.tries(c.ana, SayUnknown{}); !known {
		c.notApplicable("everything that can come is known")
		return
	}
	c.sees("a notice of it", mark, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.RoomID == c.room && msg.MsgType == event.MsgNotice && len(msg.Body) >= aReason
	})
	c.fence()
}
