package demo

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/hub/network"
	"puente/core/testkit/sample"
)

// choices go there and back: alice asks by a command, Ana presses.
func choices() []act {
	return []act{
		{"template with variables", out, "template", func(ctx context.Context, s *scene) error {
			return s.commands(ctx, "!puente template order_update Ana | A-1042", "", &s.offer, func(m emulator.Message) bool {
				return m.Kind == "template" && m.Template == "order_update" && containsAll(m.Text, "Hello Ana", "A-1042")
			})
		}},
		{"template's button", in, "m.text, answer", func(ctx context.Context, s *scene) error {
			return s.presses(ctx, s.offer, "Where is it?", "template")
		}},
		{"template with a picture and buttons", out, "template", playPictureTemplate},
		{"buttons", out, "interactive button", func(ctx context.Context, s *scene) error {
			return s.commands(ctx, "!puente buttons Which size? | Small | Large", "", &s.ask, func(m emulator.Message) bool {
				return m.Kind == "interactive" && m.Subtype == "button" && m.Text == "Which size?" && len(m.Buttons) == 2 && m.Buttons[1].Title == "Large"
			})
		}},
		{"reply button", in, "m.text, answer", func(ctx context.Context, s *scene) error {
			return s.presses(ctx, s.ask, "Large", "buttons")
		}},
		{"list", out, "interactive list", func(ctx context.Context, s *scene) error {
			return s.commands(ctx, "!puente list Which colour? | Colours | Blue | Red", "", &s.menu, func(m emulator.Message) bool {
				return m.Kind == "interactive" && m.Subtype == "list" && m.List != nil && m.List.Button == "Colours" &&
					len(m.List.Sections) == 1 && len(m.List.Sections[0].Rows) == 2
			})
		}},
		{"list choice", in, "m.text, answer", func(ctx context.Context, s *scene) error {
			return s.presses(ctx, s.menu, "Red", "list")
		}},
	}
}

// commands has alice give a command in Ana's room, as a reply to an event if one is named, and waits for what the
// phone gets of it. wamid, if not nil, keeps its ID.
func (s *scene) commands(ctx context.Context, command string, replyTo id.EventID, wamid *string, fact func(emulator.Message) bool) error {
	before, err := s.w.emulator.Phone(s.ana.UserID)
	if err != nil {
		return fmt.Errorf("look at the phone: %w", err)
	}
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: command}
	if replyTo != "" {
		content.RelatesTo = (&event.RelatesTo{}).SetReplyTo(replyTo)
	}
	if _, err = s.aliceSends(ctx, s.room, event.EventMessage, content); err != nil {
		return err
	}
	m, err := s.phoneShows(ctx, s.ana, func(m emulator.Message) bool {
		_, old := before.Message(m.ID)
		return !old && fact(m)
	})
	if err == nil && wamid != nil {
		*wamid = m.ID
	}
	return err
}

// presses has Ana press a button or choose a row, and waits until bob reads it, with its ID beside the words.
func (s *scene) presses(ctx context.Context, wamid, choice, what string) error {
	if wamid == "" {
		return missing(what)
	}
	if _, err := s.ana.Press(wamid, choice); err != nil {
		return err
	}
	evt, err := s.bobReads(ctx, event.MsgText, func(msg *event.MessageEventContent) bool { return containsAll(msg.Body, choice) })
	if err != nil {
		return err
	}
	answer, _ := evt.Content.Raw[network.AnswerKey].(map[string]any)
	if answer["title"] != choice {
		return errors.New("the message does not say in " + network.AnswerKey + " which choice it is")
	}
	return nil
}

// playPictureTemplate puts the picture into the room in a way that Ana does not get it, and replies to it with the
// command, which takes it for the template's header.
func playPictureTemplate(ctx context.Context, s *scene) error {
	picture, err := sample.PhotoPNG()
	if err != nil {
		return err
	}
	content, err := s.upload(ctx, event.MsgImage, picture, "image/png", "header.png")
	if err != nil {
		return err
	}
	content.FileName, content.Body = content.Body, "!puente note the picture for the reminder"
	header, err := s.aliceSends(ctx, s.room, event.EventMessage, content)
	if err != nil {
		return err
	}
	return s.commands(ctx, "!puente template appointment_reminder Ana | 12 March | 10:30", header, nil, func(m emulator.Message) bool {
		return m.Kind == "template" && m.Template == "appointment_reminder" && containsAll(m.Text, "Ana", "12 March", "10:30") &&
			len(m.Buttons) == 2 && isFile(m, "image", "image/png", picture)
	})
}
