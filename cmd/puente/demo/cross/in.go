package cross

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
	"puente/core/hub/network"
	"puente/core/testkit/person"
)

// name is who the customer is.
const name = "Cleo"

// enter makes the customer, with the first step.
func (s *stage) enter(ctx context.Context) (err error) {
	if s.customer, err = s.line.Phones.AddCustomer(ctx, name, ""); err != nil {
		return fmt.Errorf("add a customer: %w", err)
	}
	chats, err := s.line.Phones.Chats(s.customer.ID)
	if err != nil {
		return fmt.Errorf("look at the customer's chats: %w", err)
	} else if len(chats) == 0 {
		return fmt.Errorf("chat with the business: %w", errs.ErrNotFound)
	}
	s.chat = chats[0].ID
	return nil
}

// does has the customer do something: by the network's own way if it has one for the type, else by a gesture.
func (s *stage) does(ctx context.Context, kind string, what phone.Gesture) error {
	if own := s.line.Own[kind]; own != nil {
		return own(ctx, s.customer.ID, s.chat)
	}
	if !slices.ContainsFunc(s.line.Phones.Gestures(), func(o phone.Offer) bool { return o.Kind == what.Kind }) {
		return &errTold{"phones on this network cannot do it, or it is not handed over"}
	}
	return s.line.Phones.Do(ctx, s.customer.ID, s.chat, what)
}

// acts has the customer do something and waits for what comes of it: what fact says if it is declared, and otherwise
// the reason why nothing does.
func (s *stage) acts(ctx context.Context, declared bool, kind string, what phone.Gesture, fact func(*event.Event) bool) (*event.Event, error) {
	if s.room == "" && kind != "text" {
		return nil, missing("conversation")
	}
	if err := s.does(ctx, kind, what); err != nil {
		if message := errs.Message(err); message != "" {
			return nil, &errTold{message}
		} else if !declared {
			return nil, &errTold{err.Error()}
		}
		return nil, err
	}
	if declared {
		return s.bobSees(ctx, "the "+kind, fact)
	}
	// What a customer says next comes after whatever this makes the network tell.
	const next = "Did you see that?"
	if err := s.line.Phones.Do(ctx, s.customer.ID, s.chat, phone.Gesture{Kind: phone.Text, Text: next}); err != nil {
		return nil, err
	}
	evt, err := s.bobSees(ctx, "the "+kind+" or a reason why not", func(evt *event.Event) bool {
		return fact(evt) || (s.fromCustomer(evt) && isNotice(evt)) || s.text(next)(evt)
	})
	switch {
	case err != nil:
		return nil, err
	case isNotice(evt):
		return nil, &errTold{evt.Content.AsMessage().Body}
	case s.text(next)(evt):
		return nil, &errTold{"the network does not tell the business"}
	}
	return evt, nil
}

func isNotice(evt *event.Event) bool {
	msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
	return ok && msg.MsgType == event.MsgNotice
}

func (s *stage) fromCustomer(evt *event.Event) bool { return evt.Sender == s.ghost }

// message is a message of the customer's of which fact holds.
func (s *stage) message(fact func(*event.Event, *event.MessageEventContent) bool) func(*event.Event) bool {
	return person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return s.fromCustomer(evt) && fact(evt, msg)
	})
}

// text is a text of the customer's with the words in it.
func (s *stage) text(words ...string) func(*event.Event) bool {
	return s.message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgText && contains(msg.Body, words...)
	})
}

func contains(text string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

// lastMine is the newest message that the customer wrote.
func (s *stage) lastMine() string {
	messages, err := s.line.Phones.Messages(s.customer.ID, s.chat)
	if err != nil {
		return ""
	}
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Mine {
			return messages[i].ID
		}
	}
	return ""
}

func textIn(ctx context.Context, s *stage, declared bool) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	words := "Do you have lamps, asks " + s.customer.ID
	evt, err := s.acts(ctx, declared, "text", phone.Gesture{Kind: phone.Text, Text: words}, func(evt *event.Event) bool {
		return s.Names.IsPuppet(evt.Sender) && person.Text(words)(evt)
	})
	if err != nil {
		return err
	}
	s.room, s.ghost = evt.RoomID, evt.Sender
	s.theirs = said{event: evt.ID, phone: s.lastMine()}
	return nil
}

func formattedIn(ctx context.Context, s *stage, declared bool) error {
	_, err := s.acts(ctx, declared, "formatted text", phone.Gesture{Kind: phone.Text, Text: "so bold"}, s.message(
		func(_ *event.Event, msg *event.MessageEventContent) bool {
			return contains(msg.FormattedBody, "<strong>bold</strong>")
		}))
	return err
}

func locationIn(ctx context.Context, s *stage, declared bool) error {
	place := &phone.Place{Latitude: 40.4168, Longitude: -3.7038, Name: "Puerta del Sol", Address: "Madrid"}
	_, err := s.acts(ctx, declared, "location", phone.Gesture{Kind: phone.Location, Place: place}, s.message(
		func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.MsgType == event.MsgLocation && strings.HasPrefix(msg.GeoURI, "geo:40.4168") && contains(msg.GeoURI, "-3.7038")
		}))
	return err
}

func contactIn(ctx context.Context, s *stage, declared bool) error {
	_, err := s.acts(ctx, declared, "contact", phone.Gesture{Kind: phone.Contact, Text: "Dora Lamp"}, s.text("Dora"))
	return err
}

func pollIn(ctx context.Context, s *stage, declared bool) error {
	question := "Which colour?"
	_, err := s.acts(ctx, declared, "poll", phone.Gesture{Kind: phone.PollStart, Text: question, Choices: []string{"Blue", "Red"}}, func(evt *event.Event) bool {
		poll, ok := evt.Content.Parsed.(*event.PollStartEventContent)
		return s.fromCustomer(evt) && ((ok && contains(poll.PollStart.Question.Text, question)) || s.text(question, "Blue", "Red")(evt))
	})
	return err
}

func answerIn(ctx context.Context, s *stage, declared bool) error {
	if s.asked == "" && declared { // the question comes first
		if err := ask(ctx, s); err != nil {
			return err
		}
	}
	choice := ""
	messages, err := s.line.Phones.Messages(s.customer.ID, s.chat)
	if err != nil {
		return fmt.Errorf("look at the phone: %w", err)
	}
	for _, m := range messages {
		if m.ID == s.asked && len(m.Buttons) > 1 {
			choice = m.Buttons[1].ID
		}
	}
	s.begin()
	_, err = s.acts(ctx, declared, "answer", phone.Gesture{Kind: phone.Press, Message: s.asked, Choices: []string{choice}}, func(evt *event.Event) bool {
		_, isAnswer := evt.Content.Raw[network.AnswerKey]
		return isAnswer && s.text("Large")(evt)
	})
	return err
}

func replyIn(ctx context.Context, s *stage, declared bool) error {
	if s.ours.phone == "" {
		return missing("message of Alice's")
	}
	_, err := s.acts(ctx, declared, "reply", phone.Gesture{Kind: phone.Text, Text: "That one, please", Message: s.ours.phone}, s.message(
		func(_ *event.Event, msg *event.MessageEventContent) bool {
			return contains(msg.Body, "That one, please") && msg.RelatesTo.GetReplyTo() == s.ours.event
		}))
	return err
}

func reactionIn(ctx context.Context, s *stage, declared bool) error {
	if s.ours.phone == "" {
		return missing("message of Alice's")
	}
	evt, err := s.acts(ctx, declared, "reaction", phone.Gesture{Kind: phone.React, Text: "👍", Message: s.ours.phone}, func(evt *event.Event) bool {
		return s.fromCustomer(evt) && person.Reaction(s.ours.event, "👍")(evt)
	})
	if err == nil {
		s.liked = evt.ID
	}
	return err
}

func unreactionIn(ctx context.Context, s *stage, declared bool) error {
	if s.liked == "" && declared {
		return missing("reaction")
	}
	_, err := s.acts(ctx, declared, "removal of the reaction", phone.Gesture{Kind: phone.Unreact, Message: s.ours.phone}, person.Redaction(s.liked))
	return err
}

func editIn(ctx context.Context, s *stage, declared bool) error {
	_, err := s.acts(ctx, declared, "edit", phone.Gesture{Kind: phone.Edit, Text: "Do you have blue lamps?", Message: s.theirs.phone}, s.message(
		func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.RelatesTo.GetReplaceID() == s.theirs.event && msg.NewContent != nil && contains(msg.NewContent.Body, "blue lamps")
		}))
	return err
}

func deletionIn(ctx context.Context, s *stage, declared bool) error {
	_, err := s.acts(ctx, declared, "deletion", phone.Gesture{Kind: phone.Delete, Message: s.theirs.phone}, person.Redaction(s.theirs.event))
	return err
}

func typingIn(ctx context.Context, s *stage, declared bool) error {
	_, err := s.acts(ctx, declared, "typing", phone.Gesture{Kind: phone.Typing, On: true}, func(evt *event.Event) bool {
		typing, ok := evt.Content.Parsed.(*event.TypingEventContent)
		return ok && slices.Contains(typing.UserIDs, s.ghost)
	})
	return err
}

// another is a further text of Alice's: of the receipts of one user a homeserver tells only the last.
func (s *stage) another(ctx context.Context, words string) (said, error) {
	return s.triesMessage(ctx, true, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: words},
		func(m phone.Message) bool { return m.Text == words })
}

func deliveredIn(ctx context.Context, s *stage, declared bool) error {
	if !declared {
		return &errTold{"the network does not tell the business"}
	}
	news, err := s.another(ctx, "They are on the counter")
	if err != nil {
		return err
	}
	bot := s.Names.BridgeBot(s.line.Network.ID)
	_, err = s.bobSees(ctx, "the delivery receipt", person.Receipt(news.event, func(user id.UserID) bool { return user.Localpart() == bot }))
	return err
}

func readIn(ctx context.Context, s *stage, declared bool) error {
	if !declared {
		return &errTold{"the network does not tell the business"}
	}
	news, err := s.another(ctx, "See you on Friday")
	if err != nil {
		return err
	}
	s.began = time.Now()
	_, err = s.acts(ctx, declared, "read receipt", phone.Gesture{Kind: phone.Read}, person.Receipt(news.event, func(user id.UserID) bool { return user == s.ghost }))
	return err
}
