package cross

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/testkit/person"
)

// sends has Alice send an event into the room.
func (s *stage) sends(ctx context.Context, kind event.Type, content any) (id.EventID, error) {
	if s.room == "" {
		return "", missing("conversation")
	}
	s.begin()
	return s.Alice.Send(ctx, s.room, kind, content)
}

// tries has Alice send an event; if its type is declared, seen says when the phone has it, and otherwise the answer in the
// room says why it does not.
func (s *stage) tries(ctx context.Context, declared bool, kind event.Type, content any, seen func(id.EventID) error) (id.EventID, error) {
	sent, err := s.sends(ctx, kind, content)
	if err != nil {
		return "", err
	} else if declared {
		return sent, seen(sent)
	}
	return sent, s.refused(ctx, sent)
}

// refused waits for the notice that answers an event, and returns what it says.
func (s *stage) refused(ctx context.Context, target id.EventID) error {
	evt, err := s.bobSees(ctx, "the reason in answer to it", person.AnswerTo(target))
	if err != nil {
		return err
	}
	return &errTold{evt.Content.AsMessage().Body}
}

// triesMessage is tries for a message that the phone shows anew. It returns both sides of it.
func (s *stage) triesMessage(ctx context.Context, declared bool, kind event.Type, content any, fact func(phone.Message) bool) (said, error) {
	before, shown := s.count(), ""
	sent, err := s.tries(ctx, declared, kind, content, func(id.EventID) (err error) {
		shown, err = s.arrives(ctx, "the message", before, fact)
		return err
	})
	return said{event: sent, phone: shown}, err
}

func textOut(ctx context.Context, s *stage, declared bool) (err error) {
	const words = "Yes, and they are blue"
	s.ours, err = s.triesMessage(ctx, declared, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: words},
		func(m phone.Message) bool { return m.Text == words })
	return err
}

func formattedOut(ctx context.Context, s *stage, declared bool) error {
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: "very **bold**", Format: event.FormatHTML, FormattedBody: "very <strong>bold</strong>"}
	_, err := s.triesMessage(ctx, declared, event.EventMessage, content, func(m phone.Message) bool {
		return contains(string(m.HTML), "<strong>bold</strong>") || contains(string(m.HTML), "<b>bold</b>")
	})
	return err
}

func locationOut(ctx context.Context, s *stage, declared bool) error {
	content := &event.MessageEventContent{MsgType: event.MsgLocation, Body: "Puerta del Sol", GeoURI: "geo:40.4168,-3.7038"}
	_, err := s.triesMessage(ctx, declared, event.EventMessage, content, func(m phone.Message) bool {
		return (m.Place != nil && m.Place.Latitude > 40.4 && m.Place.Latitude < 40.5) || contains(m.Text, "40.4168", "3.7038")
	})
	return err
}

func pollOut(ctx context.Context, s *stage, declared bool) error {
	content := map[string]any{
		"org.matrix.msc1767.text": "Which size?\n1. Small\n2. Large", "m.mentions": map[string]any{},
		"org.matrix.msc3381.poll.start": map[string]any{
			"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1, "question": map[string]any{"org.matrix.msc1767.text": "Which size?"},
			"answers": []any{
				map[string]any{"id": "small", "org.matrix.msc1767.text": "Small"}, map[string]any{"id": "large", "org.matrix.msc1767.text": "Large"},
			},
		},
	}
	_, err := s.triesMessage(ctx, declared, event.EventUnstablePollStart, content, func(m phone.Message) bool {
		return m.Poll != nil && m.Poll.Question == "Which size?" && len(m.Poll.Options) == 2
	})
	return err
}

// ask asks with buttons, by the command that agents use.
func ask(ctx context.Context, s *stage) error {
	before := s.count()
	if _, err := s.sends(ctx, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "!puente buttons Which size? | Small | Large"}); err != nil {
		return err
	}
	shown, err := s.arrives(ctx, "the question", before, func(m phone.Message) bool {
		return contains(m.Text, "Which size?") && (len(m.Buttons) == 2 || contains(m.Text, "Small", "Large")) // as text where there are no buttons
	})
	s.asked = shown
	return err
}

func buttonsOut(ctx context.Context, s *stage, declared bool) error {
	if declared {
		return ask(ctx, s)
	}
	if _, err := s.sends(ctx, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "!puente buttons Which size? | Small | Large"}); err != nil {
		return err
	}
	// The question is the desk's own message; the refusal answers that.
	evt, err := s.bobSees(ctx, "the reason why not", func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && msg.MsgType == event.MsgNotice
	})
	if err != nil {
		return err
	}
	return &errTold{evt.Content.AsMessage().Body}
}

func replyOut(ctx context.Context, s *stage, declared bool) error {
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: "I mean this", RelatesTo: (&event.RelatesTo{}).SetReplyTo(s.theirs.event)}
	_, err := s.triesMessage(ctx, declared, event.EventMessage, content, func(m phone.Message) bool {
		return contains(m.Text, "I mean this") && m.Quote == s.theirs.phone
	})
	return err
}

// theirMessage waits until the phone shows the customer's first text as fact wants it.
func (s *stage) theirMessage(ctx context.Context, what string, fact func(phone.Message) bool) error {
	return s.phoneShows(ctx, what, func(messages []phone.Message) bool {
		return slices.ContainsFunc(messages, func(m phone.Message) bool { return m.ID == s.theirs.phone && fact(m) })
	})
}

func hasThumb(m phone.Message) bool {
	return slices.ContainsFunc(m.Reactions, func(emoji string) bool { return variationselector.Remove(emoji) == "👍" })
}

func reactionOut(ctx context.Context, s *stage, declared bool) (err error) {
	content := &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: s.theirs.event, Key: "👍"}}
	s.like, err = s.tries(ctx, declared, event.EventReaction, content, func(id.EventID) error {
		return s.theirMessage(ctx, "the reaction", hasThumb)
	})
	return err
}

func unreactionOut(ctx context.Context, s *stage, declared bool) error {
	if !declared {
		return &errTold{"there is no reaction to remove"}
	} else if s.like == "" {
		return missing("reaction of Alice's")
	}
	s.begin()
	if _, err := s.Alice.TakeBack(ctx, s.room, s.like); err != nil {
		return err
	}
	return s.theirMessage(ctx, "the reaction's end", func(m phone.Message) bool { return !hasThumb(m) })
}

// ourMessage waits until the phone shows Alice's text as fact wants it; it may also have vanished.
func (s *stage) ourMessage(ctx context.Context, what string, gone bool, fact func(phone.Message) bool) error {
	return s.phoneShows(ctx, what, func(messages []phone.Message) bool {
		for _, m := range messages {
			if m.ID == s.ours.phone {
				return fact(m)
			}
		}
		return gone
	})
}

func editOut(ctx context.Context, s *stage, declared bool) error {
	if s.ours.event == "" {
		return missing("message of Alice's")
	}
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: "Yes, and they are green"}
	content.SetEdit(s.ours.event)
	_, err := s.tries(ctx, declared, event.EventMessage, content, func(id.EventID) error {
		return s.ourMessage(ctx, "the edit", false, func(m phone.Message) bool { return contains(m.Text, "green") && m.Edited })
	})
	return err
}

func deletionOut(ctx context.Context, s *stage, declared bool) error {
	if s.ours.event == "" {
		return missing("message of Alice's")
	}
	s.begin()
	sent, err := s.Alice.TakeBack(ctx, s.room, s.ours.event)
	if err != nil {
		return err
	} else if !declared {
		return s.refused(ctx, sent)
	}
	return s.ourMessage(ctx, "the deletion", true, func(m phone.Message) bool { return m.Deleted })
}

func typingOut(ctx context.Context, s *stage, declared bool) error {
	if !declared {
		return &errTold{"the network does not take it from the business"}
	}
	s.begin()
	if err := s.Alice.Types(ctx, s.room); err != nil {
		return err
	}
	for {
		changed := s.line.Phones.Changed()
		chats, err := s.line.Phones.Chats(s.customer.ID)
		if err != nil {
			return fmt.Errorf("look at the phone: %w", err)
		}
		if slices.ContainsFunc(chats, func(c phone.Chat) bool { return c.ID == s.chat && c.Typing }) {
			s.came = time.Now()
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the phone did not show that somebody types %w", person.InTime(ctx.Err()))
		}
	}
}

func readOut(ctx context.Context, s *stage, declared bool) error {
	if !declared {
		return &errTold{"the network does not take it from the business"}
	}
	s.begin()
	last := s.theirs.event
	for _, evt := range s.Bob.Seen(0, func(evt *event.Event) bool {
		return evt.RoomID == s.room && s.fromCustomer(evt) && evt.Type == event.EventMessage
	}) {
		last = evt.ID
	}
	if err := s.Alice.Reads(ctx, s.room, last); err != nil {
		return err
	}
	return s.phoneShows(ctx, "that it was read", func(messages []phone.Message) bool {
		return slices.ContainsFunc(messages, func(m phone.Message) bool { return m.Mine && m.State == "read" })
	})
}
