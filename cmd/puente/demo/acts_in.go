package demo

import (
	"context"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
)

// textsIn open the conversation.
func textsIn() []act {
	return []act{
		{"text", in, "m.text", func(ctx context.Context, s *scene) (err error) {
			if s.hello.wamid, err = s.ana.SendText(greeting); err != nil {
				return err
			}
			evt, err := s.bobSees(ctx, "the greeting", func(evt *event.Event) bool {
				return evt.Type == event.EventMessage && s.names.IsPuppet(evt.Sender) && evt.Content.AsMessage().Body == greeting
			})
			if err != nil {
				return err
			}
			s.room, s.ghost, s.hello.event = evt.RoomID, evt.Sender, evt.ID
			return nil
		}},
		{"formatted text", in, "m.text, HTML", func(ctx context.Context, s *scene) error {
			if _, err := s.ana.SendText("*bold*, _italic_, ~gone~ and ```code```"); err != nil {
				return err
			}
			_, err := s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool {
				return containsAll(msg.FormattedBody, "<strong>bold</strong>", "<em>italic</em>", "<del>gone</del>", "code</code>")
			})
			return err
		}},
		{"forwarded", in, "m.text", func(ctx context.Context, s *scene) error {
			if _, err := s.ana.SendText("Lamps are half price there", emulator.Forwarded(false)); err != nil {
				return err
			}
			return s.readsText(ctx, "Forwarded", "Lamps are half price there")
		}},
		{"ad referral", in, "m.text", func(ctx context.Context, s *scene) error {
			_, err := s.ana.SendText("I saw your ad", emulator.WithReferral(emulator.Referral{
				SourceURL: "https://fb.example/lamps", SourceID: "120", SourceType: "ad", Headline: "Lamps for winter", Body: "Warm light",
			}))
			if err != nil {
				return err
			}
			return s.readsText(ctx, "Lamps for winter", "https://fb.example/lamps", "I saw your ad")
		}},
	}
}

// readsText waits until bob reads a text of Ana's with all the parts in it.
func (s *scene) readsText(ctx context.Context, parts ...string) error {
	_, err := s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool { return containsAll(msg.Body, parts...) })
	return err
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// thingsIn are neither texts nor files.
func thingsIn() []act {
	return []act{
		{"location", in, "m.location", func(ctx context.Context, s *scene) error {
			place := emulator.Location{Latitude: 40.4168, Longitude: -3.7038, Name: "Puerta del Sol", Address: "Madrid"}
			if _, err := s.ana.SendLocation(place); err != nil {
				return err
			}
			_, err := s.bobReads(ctx, event.MsgLocation, func(msg *event.MessageEventContent) bool {
				return strings.HasPrefix(msg.GeoURI, "geo:40.4168") && containsAll(msg.GeoURI, "-3.7038") && containsAll(msg.Body, "Puerta del Sol", "Madrid")
			})
			return err
		}},
		{"contacts", in, "m.text", func(ctx context.Context, s *scene) error {
			card := emulator.Contact{Name: "Dora Lux", Phones: []string{"+1 650 555 0199"}, Emails: []string{"dora@lux.example"}, Org: "Lux Ltd"}
			if _, err := s.ana.SendContacts([]emulator.Contact{card}); err != nil {
				return err
			}
			return s.readsText(ctx, "Dora Lux", "+1 650 555 0199", "dora@lux.example", "Lux Ltd")
		}},
	}
}

// changesIn concern what was said before.
func changesIn() []act {
	return []act{
		{"reaction", in, "m.reaction", func(ctx context.Context, s *scene) error {
			if s.answer.wamid == "" {
				return missing("answer of alice's")
			}
			if _, err := s.ana.React(s.answer.wamid, "👍"); err != nil {
				return err
			}
			evt, err := s.bobSees(ctx, "the reaction", func(evt *event.Event) bool {
				return evt.Type == event.EventReaction && evt.Sender == s.ghost && evt.Content.AsReaction().RelatesTo.EventID == s.answer.event &&
					strings.HasPrefix(evt.Content.AsReaction().RelatesTo.Key, "👍")
			})
			if err == nil {
				s.reacted = evt.ID
			}
			return err
		}},
		{"reaction removed", in, "m.room.redaction", func(ctx context.Context, s *scene) error {
			if s.reacted == "" {
				return missing("reaction")
			}
			if _, err := s.ana.Unreact(s.answer.wamid, true); err != nil {
				return err
			}
			_, err := s.bobSees(ctx, "the reaction go", func(evt *event.Event) bool { return evt.Type == event.EventRedaction && evt.Redacts == s.reacted })
			return err
		}},
		{"reply", in, "m.text, m.in_reply_to", func(ctx context.Context, s *scene) error {
			if s.answer.wamid == "" {
				return missing("answer of alice's")
			}
			if _, err := s.ana.Reply(s.answer.wamid, "Wonderful, keep it for me"); err != nil {
				return err
			}
			_, err := s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool {
				return containsAll(msg.Body, "Wonderful, keep it for me") && msg.RelatesTo.GetReplyTo() == s.answer.event
			})
			return err
		}},
		{"edit", in, "m.text, m.replace", playEdit},
		{"delete", in, "m.room.redaction", playDelete},
	}
}

func playEdit(ctx context.Context, s *scene) error {
	wamid, evt, err := s.anaSays(ctx, "I come at nine")
	if err != nil {
		return err
	}
	s.begin()
	if _, err = s.ana.Edit(wamid, "I come at ten"); err != nil {
		return err
	}
	_, err = s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool {
		return msg.RelatesTo.GetReplaceID() == evt.ID && msg.NewContent != nil && msg.NewContent.Body == "I come at ten"
	})
	return err
}

func playDelete(ctx context.Context, s *scene) error {
	wamid, evt, err := s.anaSays(ctx, "This was meant for somebody else")
	if err != nil {
		return err
	}
	s.begin()
	if _, err = s.ana.Delete(wamid); err != nil {
		return err
	}
	_, err = s.bobSees(ctx, "the message go", func(gone *event.Event) bool { return gone.Type == event.EventRedaction && gone.Redacts == evt.ID })
	return err
}

// anaSays lets Ana write and waits until bob has it: preparation for what follows.
func (s *scene) anaSays(ctx context.Context, text string) (wamid string, evt *event.Event, err error) {
	s.begin()
	if wamid, err = s.ana.SendText(text); err != nil {
		return "", nil, err
	}
	evt, err = s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool { return msg.Body == text })
	if err != nil {
		return "", nil, fmt.Errorf("before the step: %w", err)
	}
	return wamid, evt, nil
}
