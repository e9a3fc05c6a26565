package signal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// limits are the forms of a file that Signal's apps show. They take any type as a file.
func (c *Config) limits() media.Limits {
	most := c.maxFile()
	return media.Limits{
		media.Image: {
			{Mime: "image/jpeg", MaxBytes: most}, {Mime: "image/png", MaxBytes: most}, {Mime: "image/webp", MaxBytes: most},
			{Mime: "image/gif", MaxBytes: most}, {Mime: "image/gif", MaxBytes: most, Animated: true}, {Mime: "image/webp", MaxBytes: most, Animated: true},
		},
		media.Video: {{Mime: "video/mp4", MaxBytes: most}, {Mime: "video/webm", MaxBytes: most}, {Mime: "video/3gpp", MaxBytes: most}, {Mime: "video/quicktime", MaxBytes: most}},
		// Phones play AAC and MP3 everywhere; Apple's do not play Opus in Ogg.
		media.Voice:    {{Mime: "audio/aac", MaxBytes: most}, {Mime: "audio/mp4", MaxBytes: most}, {Mime: "audio/mpeg", MaxBytes: most}},
		media.Audio:    {{Mime: "audio/aac", MaxBytes: most}, {Mime: "audio/mp4", MaxBytes: most}, {Mime: "audio/mpeg", MaxBytes: most}, {Mime: "audio/ogg", MaxBytes: most}},
		media.Document: {{Mime: media.AnyMime, MaxBytes: most}},
		// A sticker of Signal's is one of a pack: an agent's goes as a picture.
		media.Sticker: {
			{Mime: "image/webp", MaxBytes: most}, {Mime: "image/png", MaxBytes: most}, {Mime: "image/webp", MaxBytes: most, Animated: true},
			{Mime: "image/gif", MaxBytes: most, Animated: true}, {Mime: "image/png", MaxBytes: most, Animated: true},
		},
	}
}

// fileMessage fetches an agent's file from the homeserver and brings it into a form that Signal's apps show. The file
// stays on disk until end is called.
func (cl *Client) fileMessage(ctx context.Context, content *event.MessageEventContent) (out daemon.Message, end func(), err error) {
	if content.MsgType != event.CapMsgSticker {
		out = cl.text(message.Caption(content))
	}
	path := ""
	err = message.Outfile(ctx, cl.connector.bridge.Bot, content, cl.connector.config.limits(), func(file media.File) error {
		var err error
		if path, err = keepFile(file.Path); err != nil {
			return err
		}
		out.Files = []daemon.File{{Path: path, Name: fileName(file), Mime: file.Mime, Size: file.Size}}
		out.Voice = file.Kind == media.Voice
		return nil
	})
	end = func() {
		if path != "" {
			_ = os.Remove(path) // what is left of a crash is in the system's folder for temporary files
		}
	}
	if err != nil {
		end()
		return daemon.Message{}, nil, err
	}
	return out, end, nil
}

// fileName is the name that the customer sees. Pictures and voice messages with one would be shown as files.
func fileName(file media.File) string {
	if file.Kind == media.Voice || file.Kind == media.Sticker {
		return ""
	}
	return file.Name
}

// keepFile gives a file another name, so that it outlives its first. On a file system without links it is copied.
func keepFile(path string) (string, error) {
	kept := path + "-signal"
	if os.Link(path, kept) == nil {
		return kept, nil
	}
	out, err := os.CreateTemp("", "puente-signal-*")
	if err != nil {
		return "", errs.Temporary(fmt.Errorf("keep a file to send: %w", err), 0)
	}
	in, err := os.Open(path)
	if err == nil {
		_, err = io.Copy(out, in)
		err = errors.Join(err, in.Close())
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return "", errs.Temporary(errors.Join(fmt.Errorf("keep a file to send: %w", err), os.Remove(out.Name())), 0)
	}
	return out.Name(), nil
}
