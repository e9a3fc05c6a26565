package telegram

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// attachment is a file of a message.
type attachment struct {
	message.Infile
	fileID string
	size   int64 // as Telegram tells it; 0 if it does not
	isGIF  bool  // a film that plays by itself, again and again
}

// fileOf is the file of a message; nil if it has none. An animation fills document too, and a live photo fills photo:
// the first that matches counts. ref: reference/telegram-bot.md §3, Message content
func (in *incoming) fileOf(ctx context.Context, msg *models.Message) *attachment {
	file := describe(msg)
	if file == nil {
		return nil
	}
	file.Caption, file.CaptionHTML = in.client.toMatrix(ctx, msg.Caption, msg.CaptionEntities)
	return file
}

// describe is what a message tells of its file.
func describe(msg *models.Message) *attachment {
	switch {
	case len(msg.Photo) > 0:
		photo := largest(msg.Photo)
		return &attachment{fileID: photo.FileID, size: int64(photo.FileSize), Infile: message.Infile{
			Kind: media.Image, Mime: "image/jpeg", Width: photo.Width, Height: photo.Height,
		}}
	case msg.Animation != nil:
		return animation(msg.Animation)
	case msg.Video != nil:
		return &attachment{fileID: msg.Video.FileID, size: msg.Video.FileSize, Infile: message.Infile{
			Kind: media.Video, Name: msg.Video.FileName, Mime: either(msg.Video.MimeType, "video/mp4"),
			Width: msg.Video.Width, Height: msg.Video.Height, Duration: seconds(msg.Video.Duration),
		}}
	case msg.VideoNote != nil:
		return &attachment{fileID: msg.VideoNote.FileID, size: int64(msg.VideoNote.FileSize), Infile: message.Infile{
			Kind: media.Video, Name: "video note", Mime: "video/mp4",
			Width: msg.VideoNote.Length, Height: msg.VideoNote.Length, Duration: seconds(msg.VideoNote.Duration),
		}}
	case msg.Voice != nil:
		return &attachment{fileID: msg.Voice.FileID, size: msg.Voice.FileSize, Infile: message.Infile{
			Kind: media.Voice, Mime: either(msg.Voice.MimeType, "audio/ogg"), Duration: seconds(msg.Voice.Duration),
		}}
	case msg.Audio != nil:
		return &attachment{fileID: msg.Audio.FileID, size: msg.Audio.FileSize, Infile: message.Infile{
			Kind: media.Audio, Name: audioName(msg.Audio), Mime: msg.Audio.MimeType, Duration: seconds(msg.Audio.Duration),
		}}
	case msg.Document != nil:
		return &attachment{fileID: msg.Document.FileID, size: msg.Document.FileSize, Infile: message.Infile{
			Kind: media.Document, Name: msg.Document.FileName, Mime: msg.Document.MimeType,
		}}
	}
	return nil
}

func animation(a *models.Animation) *attachment {
	kind := media.Video
	if a.MimeType == "image/gif" {
		kind = media.Image
	}
	return &attachment{fileID: a.FileID, size: a.FileSize, isGIF: true, Infile: message.Infile{
		Kind: kind, Name: a.FileName, Mime: either(a.MimeType, "video/mp4"), Width: a.Width, Height: a.Height, Duration: seconds(a.Duration),
	}}
}

// audioName is what a piece of music is called: who plays, and what.
func audioName(audio *models.Audio) string {
	switch {
	case audio.Performer != "" && audio.Title != "":
		return audio.Performer + " – " + audio.Title
	case audio.Title != "":
		return audio.Title
	}
	return audio.FileName
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// file brings a file to the homeserver as it streams in, and makes the event that shows it.
func (in *incoming) file(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, file attachment) (*bridgev2.ConvertedMessagePart, error) {
	file.Open = in.client.opener(file.fileID, file.size)
	part, err := file.Part(ctx, portal.MXID, intent)
	if err == nil && file.isGIF && part.Content.Info != nil {
		part.Content.Info.MauGIF = true
	}
	return part, err
}

// maxDownload is the largest file that Telegram's own server hands over. ref: reference/telegram-bot.md §4, Files
const maxDownload = 20 << 20

// accountWait is how long a file waits before it is asked for again while Telegram refuses the token.
const accountWait = 30 * time.Second

// opener opens a file of Telegram's.
func (cl *Client) opener(fileID string, size int64) func(ctx context.Context) (io.ReadCloser, int64, error) {
	return func(ctx context.Context) (io.ReadCloser, int64, error) {
		if size > maxDownload && !cl.connector.config.LocalServer {
			return nil, 0, tooLargeToFetch(fmt.Errorf("file of %d bytes: %w", size, errs.ErrTooLarge))
		}
		api, err := cl.api()
		if err != nil {
			return nil, 0, errs.Temporary(err, accountWait)
		}
		body, size, err := api.OpenFile(ctx, fileID)
		return body, size, fetchError(err)
	}
}

func tooLargeToFetch(err error) error {
	return errs.Tell(err, "The customer sent a file that is larger than Telegram hands over to bots (20 MB). Ask for it in parts or another way.")
}

// fetchError says of a failure to fetch a file whether another try can help: an operator may mend a refused token, a
// file that is gone does not come back.
func fetchError(err error) error {
	_, again := errs.IsTemporary(err)
	switch {
	case err == nil || again:
		return err
	case botapi.IsUnauthorized(err):
		return errs.Temporary(err, accountWait)
	case botapi.IsTooBig(err):
		return tooLargeToFetch(err)
	case botapi.As(err) != nil:
		return fmt.Errorf("fetch a customer's file: %w: %w", errs.ErrNotFound, err)
	}
	return err
}
