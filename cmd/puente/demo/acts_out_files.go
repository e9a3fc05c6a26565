package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/sample"
)

// fileOut is a file that alice sends, and how the phone must have it: unchanged, since all are of types and sizes
// that WhatsApp takes.
type fileOut struct {
	name, kind string // kind is WhatsApp's
	matrix     event.MessageType
	data       func() ([]byte, error)
	mime, file string
}

// filesOut are all that alice can attach.
func filesOut() []act {
	plain := func(data func() []byte) func() ([]byte, error) {
		return func() ([]byte, error) { return data(), nil }
	}
	invoice := func() []byte { return sample.PagePDF("Invoice 1042") }
	var list []act
	for _, f := range []fileOut{
		{"image with a caption", "image", event.MsgImage, sample.PhotoPNG, "image/png", "lamp.png"},
		{"video", "video", event.MsgVideo, plain(sample.FilmMP4), "video/mp4", "lamp.mp4"},
		{"audio", "audio", event.MsgAudio, plain(sample.SongAAC), "audio/aac", "jingle.aac"},
		{"voice message", "audio, voice", event.MsgAudio, plain(sample.VoiceOpus), "audio/ogg", "voice.ogg"},
		{"file", "document", event.MsgFile, plain(invoice), "application/pdf", "invoice.pdf"},
		{"sticker", "sticker", event.CapMsgSticker, sample.StillSticker, "image/webp", "lamp.webp"},
		{"animated sticker", "sticker", event.CapMsgSticker, sample.AnimatedSticker, "image/webp", "blink.webp"},
	} {
		list = append(list, act{f.name, out, f.kind, f.play})
	}
	return list
}

func (f fileOut) play(ctx context.Context, s *scene) error {
	data, err := f.data()
	if err != nil {
		return err
	}
	content, err := s.upload(ctx, f.matrix, data, f.mime, f.file)
	if err != nil {
		return err
	}
	kind, eventType, caption := f.kind, event.EventMessage, ""
	switch {
	case f.matrix == event.CapMsgSticker:
		eventType, content.MsgType = event.EventSticker, ""
	case f.kind == "audio, voice":
		kind, content.MSC3245Voice = "audio", &event.MSC3245Voice{}
	case f.matrix == event.MsgImage:
		caption = "It looks like this"
		content.FileName, content.Body = content.Body, caption
	}
	_, err = s.arrives(ctx, eventType, content, func(m emulator.Message) bool {
		return m.Text == caption && isFile(m, kind, f.mime, data) && m.Media.Voice == (content.MSC3245Voice != nil) &&
			(kind != "document" || m.Media.Name == f.file)
	})
	return err
}

// upload brings a file to the homeserver as alice, and makes the content that names it. An image's size is told, as
// clients do.
func (s *scene) upload(ctx context.Context, kind event.MessageType, data []byte, mime, name string) (*event.MessageEventContent, error) {
	uploaded, err := s.alice.UploadBytesWithName(ctx, data, mime, name)
	if err != nil {
		return nil, fmt.Errorf("alice could not upload %s: %w", name, err)
	}
	return &event.MessageEventContent{
		MsgType: kind, Body: name, URL: uploaded.ContentURI.CUString(), Info: &event.FileInfo{MimeType: mime, Size: len(data)},
	}, nil
}

// isFile tells whether a message on the phone has the very file.
func isFile(m emulator.Message, kind, mime string, data []byte) bool {
	sum := sha256.Sum256(data)
	if m.Kind != "template" && m.Kind != kind {
		return false
	}
	return m.Media != nil && m.Media.Kind == kind && shortType(m.Media.Mime) == mime && m.Media.SHA256 == hex.EncodeToString(sum[:])
}
