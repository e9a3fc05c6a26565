package demo

import (
	"context"
	"errors"
	"fmt"
	"mime"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/person"
)

func shortType(mimeType string) string {
	short, _, err := mime.ParseMediaType(mimeType)
	if err != nil {
		return mimeType
	}
	return short
}

// refusals are what WhatsApp does not allow or what fails: bob must read why, and the phone must not have it.
func refusals() []act {
	return []act{
		{"edit refused, with the reason", out, "m.notice", playEditRefused},
		{"delete refused, with the reason", out, "m.notice", playDeleteRefused},
		{"text outside the window refused", out, "m.notice", playWindow},
		{"template outside the window", out, "template", playTemplateOutsideWindow},
		{"provider's failure told", out, "m.notice, status", playFailure},
	}
}

// refusalOf waits until bob reads the notice that answers an event, with all the parts in it.
func (s *scene) refusalOf(ctx context.Context, target id.EventID, parts ...string) error {
	_, err := s.bobSees(ctx, "the reason in answer to it", func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && msg.MsgType == event.MsgNotice && msg.RelatesTo.GetReplyTo() == target && containsAll(msg.Body, parts...)
	})
	return err
}

func playEditRefused(ctx context.Context, s *scene) error {
	if s.answer.event == "" {
		return missing("answer of alice's")
	}
	content := &event.MessageEventContent{MsgType: event.MsgText, Body: "No, it is sold"}
	content.SetEdit(s.answer.event)
	edit, err := s.aliceSends(ctx, s.room, event.EventMessage, content)
	if err != nil {
		return err
	}
	if err = s.refusalOf(ctx, edit, "Not delivered"); err != nil {
		return err
	}
	phone, err := s.w.emulator.Phone(s.ana.UserID)
	if err != nil {
		return fmt.Errorf("look at the phone: %w", err)
	}
	if m, _ := phone.Message(s.answer.wamid); m.Edited {
		return errors.New("the phone shows the edit all the same")
	}
	return nil
}

func playDeleteRefused(ctx context.Context, s *scene) error {
	if s.answer.event == "" {
		return missing("answer of alice's")
	}
	s.begin()
	redaction, err := s.alice.RedactEvent(ctx, s.room, s.answer.event)
	if err != nil {
		return fmt.Errorf("alice could not redact: %w", err)
	}
	if err = s.refusalOf(ctx, redaction.EventID, "Not delivered"); err != nil {
		return err
	}
	phone, err := s.w.emulator.Phone(s.ana.UserID)
	if err != nil {
		return fmt.Errorf("look at the phone: %w", err)
	}
	if m, _ := phone.Message(s.answer.wamid); m.Deleted {
		return errors.New("the phone lost the message all the same")
	}
	return nil
}

// windowRoom opens a conversation with somebody who has never written: the business wrote first, in its app. So the
// window is closed. It returns the room as bob sees it.
func (s *scene) windowRoom(ctx context.Context) (*customer, id.RoomID, error) {
	const text = "Your lamp has arrived"
	eva, err := s.w.customer("Eva", "16505550105")
	if err != nil {
		return nil, "", err
	}
	mark := 0
	if len(s.w.emulator.Inbox(eva.UserID)) == 0 {
		mark = s.bob.Mark()
		if _, err = eva.Echo(text, nil); err != nil {
			return nil, "", err
		}
	}
	seen, err := s.bob.Sees(ctx, mark, "the conversation with Eva", func(evt *event.Event) bool {
		return evt.Type == event.EventMessage && evt.Content.AsMessage().Body == text
	})
	if err != nil {
		return nil, "", err
	}
	return eva, seen.RoomID, nil
}

func playWindow(ctx context.Context, s *scene) error {
	eva, room, err := s.windowRoom(ctx)
	if err != nil {
		return err
	}
	sent, err := s.aliceSends(ctx, room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "Did you get it?"})
	if err != nil {
		return err
	}
	if err = s.refusalOf(ctx, sent, "24 hours", "!puente template"); err != nil {
		return err
	}
	for _, m := range s.w.emulator.Inbox(eva.UserID) {
		if m.Callback == sent.String() {
			return errors.New("the phone has the text all the same")
		}
	}
	return nil
}

func playTemplateOutsideWindow(ctx context.Context, s *scene) error {
	eva, room, err := s.windowRoom(ctx)
	if err != nil {
		return err
	}
	command := &event.MessageEventContent{MsgType: event.MsgText, Body: "!puente template order_update Eva | A-1043"}
	if _, err = s.aliceSends(ctx, room, event.EventMessage, command); err != nil {
		return err
	}
	_, err = s.phoneShows(ctx, eva, func(m emulator.Message) bool {
		return m.Kind == "template" && containsAll(m.Text, "Hello Eva", "A-1043")
	})
	return err
}

// playFailure is about a customer whose number, by its ending, takes messages and then cannot be reached.
func playFailure(ctx context.Context, s *scene) error {
	fay, err := s.w.customer("Fay", "16505550026")
	if err != nil {
		return err
	}
	first, err := s.hears(ctx, fay, "Can you hear me?")
	if err != nil {
		return err
	}
	sent, err := s.aliceSends(ctx, first.RoomID, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "Loud and clear"})
	if err != nil {
		return err
	}
	if err = s.refusalOf(ctx, sent, "Not delivered"); err != nil {
		return err
	}
	_, err = s.bobSees(ctx, "the failure on the message itself", person.Status(sent, event.MessageStatusFail))
	return err
}
