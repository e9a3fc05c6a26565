package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/sample"
)

// fileIn is a file that Ana sends, and how the room must show it.
type fileIn struct {
	name, kind string
	file       func() (emulator.File, error)
	send       func(*emulator.Chat, emulator.File) (string, error)
	shown      func(*event.Event, *event.MessageEventContent) bool
}

// filesIn are all that Ana can attach. Each must reach bob unchanged to the last byte.
func filesIn() []act {
	ofType := func(kind event.MessageType) func(*event.Event, *event.MessageEventContent) bool {
		return func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.Type == event.EventMessage && msg.MsgType == kind && msg.MSC3245Voice == nil
		}
	}
	sticker := func(evt *event.Event, _ *event.MessageEventContent) bool { return evt.Type == event.EventSticker }
	send := func(how func(*emulator.Chat, emulator.File, ...emulator.SendOption) (string, error)) func(*emulator.Chat, emulator.File) (string, error) {
		return func(chat *emulator.Chat, file emulator.File) (string, error) { return how(chat, file) }
	}
	var list []act
	for _, f := range []fileIn{
		{"image with a caption", "m.image", captioned(sample.PhotoJPEG, "image/jpeg", "This one"), send((*emulator.Chat).SendImage),
			func(evt *event.Event, msg *event.MessageEventContent) bool {
				return ofType(event.MsgImage)(evt, msg) && msg.GetCaption() == "This one"
			}},
		{"video", "m.video", made(sample.FilmMP4, "video/mp4", ""), send((*emulator.Chat).SendVideo), ofType(event.MsgVideo)},
		{"audio", "m.audio", made(sample.SongMP3, "audio/mpeg", ""), send((*emulator.Chat).SendAudio), ofType(event.MsgAudio)},
		{"voice message", "m.audio, voice", made(sample.VoiceOpus, "audio/ogg; codecs=opus", ""), send((*emulator.Chat).SendVoice),
			func(evt *event.Event, msg *event.MessageEventContent) bool {
				return evt.Type == event.EventMessage && msg.MsgType == event.MsgAudio && msg.MSC3245Voice != nil
			}},
		{"document", "m.file", made(func() []byte { return sample.PagePDF("My order") }, "application/pdf", "order.pdf"), send((*emulator.Chat).SendDocument),
			func(evt *event.Event, msg *event.MessageEventContent) bool {
				return ofType(event.MsgFile)(evt, msg) && msg.GetFileName() == "order.pdf"
			}},
		{"sticker", "m.sticker", captioned(sample.StillSticker, "image/webp", ""), send((*emulator.Chat).SendSticker), sticker},
		{"animated sticker", "m.sticker", captioned(sample.AnimatedSticker, "image/webp", ""), send((*emulator.Chat).SendSticker), sticker},
	} {
		list = append(list, act{f.name, in, f.kind, f.play})
	}
	return list
}

func captioned(draw func() ([]byte, error), mime, caption string) func() (emulator.File, error) {
	return func() (emulator.File, error) {
		data, err := draw()
		return emulator.File{Data: data, Mime: mime, Caption: caption}, err
	}
}

func made(data func() []byte, mime, name string) func() (emulator.File, error) {
	return func() (emulator.File, error) { return emulator.File{Data: data(), Mime: mime, Name: name}, nil }
}

func (f fileIn) play(ctx context.Context, s *scene) error {
	if s.room == "" {
		return missing("conversation")
	}
	file, err := f.file()
	if err != nil {
		return err
	}
	s.begin()
	if _, err = f.send(s.ana.Chat, file); err != nil {
		return err
	}
	evt, err := s.bobSees(ctx, "it as "+f.kind, func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.RoomID == s.room && evt.Sender == s.ghost && f.shown(evt, msg)
	})
	if err != nil {
		return err
	}
	return s.bobHas(ctx, evt.Content.AsMessage(), file.Data)
}

// bobHas downloads the file as bob and compares it.
func (s *scene) bobHas(ctx context.Context, msg *event.MessageEventContent, want []byte) error {
	uri, err := msg.URL.Parse()
	if err != nil {
		return fmt.Errorf("the event has no file: %w", err)
	}
	got, err := s.bob.DownloadBytes(ctx, uri)
	if err != nil {
		return fmt.Errorf("bob could not download the file: %w", err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("bob got another file than was sent")
	}
	return nil
}
