package demo

import (
	"context"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/person"
)

// textsOut begin alice's side.
func textsOut() []act {
	return []act{
		{"text", out, "text", func(ctx context.Context, s *scene) (err error) {
			const text = "Yes, it is. Shall I keep it for you?"
			s.answer, err = s.arrives(ctx, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: text},
				func(m emulator.Message) bool { return m.Kind == "text" && m.Text == text })
			s.after, s.answered = s.mark, s.began
			return err
		}},
	}
}

// statusesOut are how far alice's first text got, as bob's client shows it.
func statusesOut() []act {
	return []act{
		{"status: sent", out, "message status", func(ctx context.Context, s *scene) error {
			return s.follow(ctx, "the status of the text", person.Status(s.answer.event, event.MessageStatusSuccess))
		}},
		{"status: delivered", out, "receipt of the bot", func(ctx context.Context, s *scene) error {
			return s.follow(ctx, "the receipt for delivered", person.Receipt(s.answer.event, func(user id.UserID) bool {
				return user == id.NewUserID(s.names.BridgeBot(networkShown), serverName)
			}))
		}},
		{"status: read", out, "receipt of Ana", func(ctx context.Context, s *scene) error {
			if s.answer.wamid == "" {
				return missing("answer of alice's")
			}
			if err := s.ana.MarkRead(s.answer.wamid); err != nil {
				return err
			}
			_, err := s.bobSees(ctx, "Ana's receipt", person.Receipt(s.answer.event, func(user id.UserID) bool { return user == s.ghost }))
			return err
		}},
	}
}

// moreOut are what a text can be besides plain.
func moreOut() []act {
	return []act{
		{"formatted text", out, "text, markup", func(ctx context.Context, s *scene) error {
			content := &event.MessageEventContent{
				MsgType: event.MsgText, Body: "bold, italic, gone and code", Format: event.FormatHTML,
				FormattedBody: "<strong>bold</strong>, <em>italic</em>, <del>gone</del> and <code>code</code>",
			}
			_, err := s.arrives(ctx, event.EventMessage, content, func(m emulator.Message) bool {
				return m.Kind == "text" && containsAll(m.Text, "*bold*", "_italic_", "~gone~", "`code`")
			})
			return err
		}},
		{"location", out, "location", func(ctx context.Context, s *scene) error {
			content := &event.MessageEventContent{MsgType: event.MsgLocation, Body: "Our shop", GeoURI: "geo:41.3874,2.1686"}
			_, err := s.arrives(ctx, event.EventMessage, content, func(m emulator.Message) bool {
				return m.Kind == "location" && m.Location != nil && m.Location.Latitude == 41.3874 && m.Location.Longitude == 2.1686
			})
			return err
		}},
		{"reply", out, "text, context", func(ctx context.Context, s *scene) error {
			content := &event.MessageEventContent{MsgType: event.MsgText, Body: "The one in the window", RelatesTo: (&event.RelatesTo{}).SetReplyTo(s.hello.event)}
			_, err := s.arrives(ctx, event.EventMessage, content, func(m emulator.Message) bool {
				return m.Kind == "text" && containsAll(m.Text, "The one in the window") && m.Quote == s.hello.wamid
			})
			return err
		}},
	}
}

// follow waits for what becomes of alice's first text, counted from when she sent it.
func (s *scene) follow(ctx context.Context, what string, fact func(*event.Event) bool) error {
	if s.answer.event == "" {
		return missing("answer of alice's")
	}
	s.mark, s.began = s.after, s.answered
	_, err := s.bobSees(ctx, what, fact)
	return err
}

// changesOut concern what was said before, or what is about to be.
func changesOut() []act {
	return []act{
		{"reaction", out, "reaction", func(ctx context.Context, s *scene) error {
			liked, err := s.aliceSends(ctx, s.room, event.EventReaction, &event.ReactionEventContent{
				RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: s.hello.event, Key: "❤️"},
			})
			if err != nil {
				return err
			}
			err = s.phone(ctx, s.ana, "the reaction", func(p emulator.Phone) bool { return s.businessReacted(p, "❤️") })
			if err == nil {
				s.liked = liked
			}
			return err
		}},
		{"reaction removed", out, "reaction", func(ctx context.Context, s *scene) error {
			if s.liked == "" {
				return missing("reaction")
			}
			s.begin()
			if _, err := s.alice.RedactEvent(ctx, s.room, s.liked); err != nil {
				return err
			}
			return s.phone(ctx, s.ana, "the reaction gone", func(p emulator.Phone) bool { return !s.businessReacted(p, "") })
		}},
		{"read", out, "status read", func(ctx context.Context, s *scene) error {
			wamid, evt, err := s.anaSays(ctx, "Are you open on Monday?")
			if err != nil {
				return err
			}
			s.begin()
			if err = s.alice.MarkRead(ctx, s.room, evt.ID); err != nil {
				return err
			}
			return s.phone(ctx, s.ana, "the message as read", func(p emulator.Phone) bool {
				m, _ := p.Message(wamid)
				return m.Status == emulator.Read
			})
		}},
		{"typing", out, "typing", func(ctx context.Context, s *scene) error {
			if _, _, err := s.anaSays(ctx, "And on Tuesday?"); err != nil {
				return err
			}
			s.begin()
			if _, err := s.alice.UserTyping(ctx, s.room, true, 20*time.Second); err != nil {
				return err
			}
			return s.phone(ctx, s.ana, "that the business types", func(p emulator.Phone) bool { return slices.Contains(p.Typing, phoneNumberID) })
		}},
	}
}

// businessReacted tells whether the business's emoji stands on Ana's first words; "" means any emoji.
func (s *scene) businessReacted(p emulator.Phone, emoji string) bool {
	m, _ := p.Message(s.hello.wamid)
	return slices.ContainsFunc(m.React, func(r emulator.Reaction) bool {
		return r.By == "" && (r.Emoji == emoji || emoji == "" && r.Emoji != "")
	})
}
