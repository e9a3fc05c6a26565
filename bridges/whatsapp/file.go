package whatsapp

import (
	"context"
	"fmt"
	"os"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

// limits are the forms of a file that WhatsApp takes. ref: reference/whatsapp-cloud.md §5.1
var limits = media.Limits{
	media.Image: {{Mime: "image/jpeg", MaxBytes: graph.MaxImage}, {Mime: "image/png", MaxBytes: graph.MaxImage}},
	media.Video: {
		{Mime: "video/mp4", MaxBytes: graph.MaxAudioVideo, Codecs: []string{"h264"}, Plain: true}, {Mime: "video/3gpp", MaxBytes: graph.MaxAudioVideo},
	},
	media.Voice: {{Mime: "audio/ogg", MaxBytes: graph.MaxAudioVideo, Codecs: []string{"opus"}, Mono: true}},
	media.Audio: {
		{Mime: "audio/aac", MaxBytes: graph.MaxAudioVideo}, {Mime: "audio/amr", MaxBytes: graph.MaxAudioVideo}, {Mime: "audio/mpeg", MaxBytes: graph.MaxAudioVideo},
		{Mime: "audio/mp4", MaxBytes: graph.MaxAudioVideo}, {Mime: "audio/ogg", MaxBytes: graph.MaxAudioVideo, Codecs: []string{"opus"}, Mono: true},
	},
	media.Document: {{Mime: media.AnyMime, MaxBytes: graph.MaxDocument}},
	media.Sticker: {
		{Mime: "image/webp", MaxBytes: graph.MaxStaticSticker, Side: 512}, {Mime: "image/webp", MaxBytes: graph.MaxAnimatedSticker, Side: 512, Animated: true},
	},
}

// fileContent brings an agent's file into a form that WhatsApp takes, hands it over, and makes the content that
// names it. The file goes from disk to Meta as a stream.
func (cl *Client) fileContent(ctx context.Context, msg *bridgev2.MatrixMessage) (content graph.Content, err error) {
	shown, words := *msg.Content, caption(msg.Content)
	if kind := message.FileKind(&shown); words != "" && (kind == media.Audio || kind == media.Voice) {
		shown.MsgType, shown.MSC3245Voice = event.MsgFile, nil // WhatsApp shows no words under a sound, but under a document
	}
	err = message.Outfile(ctx, cl.connector.bridge.Bot, &shown, limits, func(file media.File) error {
		mediaID, err := cl.upload(ctx, file)
		if err != nil {
			return err
		}
		content, err = mediaContent(file, mediaID, words)
		return err
	})
	return content, err
}

func (cl *Client) upload(ctx context.Context, file media.File) (string, error) {
	reader, err := os.Open(file.Path)
	if err != nil {
		return "", errs.Temporary(fmt.Errorf("open the converted file: %w", err), 0)
	}
	defer func() { _ = reader.Close() }()
	mediaID, err := cl.graph.UploadMedia(ctx, cl.phoneNumberID, reader, file.Size, file.Mime, file.Name)
	cl.noteAccount(err)
	return mediaID, err
}

// mediaContent is the message that shows an uploaded file. Sounds and stickers have no caption on WhatsApp.
func mediaContent(file media.File, mediaID, caption string) (graph.Content, error) {
	ref := graph.MediaRef{ID: mediaID}
	switch file.Kind {
	case media.Image:
		return graph.OutImage{MediaRef: ref, Caption: caption}, nil
	case media.Video:
		return graph.OutVideo{MediaRef: ref, Caption: caption}, nil
	case media.Voice:
		return graph.OutAudio{MediaRef: ref, Voice: true}, nil
	case media.Audio:
		return graph.OutAudio{MediaRef: ref}, nil
	case media.Sticker:
		return graph.OutSticker{MediaRef: ref}, nil
	case media.Document:
		return graph.OutDocument{MediaRef: ref, Caption: caption, Filename: file.Name}, nil
	}
	return nil, fmt.Errorf("file kind %q: %w", file.Kind, errs.ErrUnsupported)
}
