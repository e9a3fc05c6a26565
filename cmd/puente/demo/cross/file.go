package cross

import (
	"context"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/phone"
	"puente/core/hub/network"
	"puente/core/testkit/sample"
)

// fileType is a type of file in both directions.
type fileType struct {
	name    string
	gesture string
	kind    string // as the phone calls it
	matrix  event.CapabilityMsgType
	feature network.Feature
	data    func() ([]byte, error)
	mime    string
	file    string
	caption bool
}

func fileTypes() []fileType {
	plain := func(data func() []byte) func() ([]byte, error) { return func() ([]byte, error) { return data(), nil } }
	page := func() []byte { return sample.PagePDF("Invoice 1042") }
	return []fileType{
		{"picture with a caption", phone.SendFile, "image", event.MsgImage, network.FeatureImage, sample.PhotoJPEG, "image/jpeg", "lamp.jpg", true},
		{"video", phone.SendFile, "video", event.MsgVideo, network.FeatureVideo, plain(sample.FilmMP4), "video/mp4", "lamp.mp4", false},
		{"audio", phone.SendFile, "audio", event.MsgAudio, network.FeatureAudio, plain(sample.SongMP3), "audio/mpeg", "jingle.mp3", false},
		{"voice message", phone.Voice, "voice", event.CapMsgVoice, network.FeatureVoice, plain(sample.VoiceOpus), "audio/ogg", "voice.ogg", false},
		{"file", phone.SendFile, "file", event.MsgFile, network.FeatureFile, plain(page), "application/pdf", "invoice.pdf", false},
		{"sticker", phone.Sticker, "sticker", event.CapMsgSticker, network.FeatureSticker, sample.StillSticker, "image/webp", "lamp.webp", false},
	}
}

// fileRows are the types of file as rows of the table.
func fileRows() []row {
	var list []row
	for _, f := range fileTypes() {
		list = append(list, row{name: f.name, feature: f.feature, in: f.in, out: f.out, level: func(c network.ChatKind) event.CapabilitySupportLevel {
			features, best := c.Features.File[f.matrix], event.CapLevelRejected
			if features != nil {
				for _, level := range features.MimeTypes {
					best = max(best, level)
				}
			}
			return best
		}})
	}
	return list
}

const captionText = "It looks like this"

func (f fileType) in(ctx context.Context, s *stage, declared bool) error {
	data, err := f.data()
	if err != nil {
		return err
	}
	what := phone.Gesture{Kind: f.gesture, File: &phone.Upload{Name: f.file, Mime: f.mime, Content: data}}
	if f.caption {
		what.Text = captionText
	}
	_, err = s.acts(ctx, declared, f.name, what, s.message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		if f.matrix == event.CapMsgSticker {
			return evt.Type == event.EventSticker
		}
		kind, voice := event.MessageType(f.matrix), msg.MSC3245Voice != nil
		if f.matrix == event.CapMsgVoice {
			kind = event.MsgAudio
		}
		return msg.MsgType == kind && voice == (f.matrix == event.CapMsgVoice) && (msg.URL != "" || msg.File != nil) && (!f.caption || contains(msg.Body, captionText))
	}))
	return err
}

func (f fileType) out(ctx context.Context, s *stage, declared bool) error {
	data, err := f.data()
	if err != nil {
		return err
	}
	content, err := s.Alice.Attach(ctx, s.room, event.MessageType(f.matrix), f.file, f.mime, data)
	if err != nil {
		return err
	}
	kind := event.EventMessage
	switch {
	case f.matrix == event.CapMsgSticker:
		kind, content.MsgType = event.EventSticker, ""
	case f.matrix == event.CapMsgVoice:
		content.MsgType, content.MSC3245Voice = event.MsgAudio, &event.MSC3245Voice{}
	case f.caption:
		content.FileName, content.Body = f.file, captionText
	}
	_, err = s.triesMessage(ctx, declared, kind, content, func(m phone.Message) bool {
		return m.File != nil && f.isKind(m.File.Kind) && (!f.caption || m.Text == captionText)
	})
	return err
}

// isKind tells whether the phone shows the file as it should; a network without stickers shows them as pictures.
func (f fileType) isKind(shown string) bool {
	return shown == f.kind || (f.kind == "sticker" && shown == "image") || (f.kind == "voice" && shown == "audio")
}
