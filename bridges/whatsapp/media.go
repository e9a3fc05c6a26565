package whatsapp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/whatsapp/graph"
	"puente/bridges/whatsapp/markup"
	"puente/core/base/errs"
)

// media brings a customer's file to the homeserver as it streams in, and makes the event that shows it.
func (in *incoming) media(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, kind string, file *graph.Media) (*bridgev2.ConvertedMessagePart, error) {
	content := &event.MessageEventContent{MsgType: messageTypes[kind], Info: &event.FileInfo{}}
	part := &bridgev2.ConvertedMessagePart{Type: event.EventMessage, Content: content}
	mimeType, _, err := mime.ParseMediaType(file.MIMEType)
	if err != nil {
		mimeType = "application/octet-stream"
	}
	content.Info.MimeType = mimeType
	name := media.CleanName(either(file.Filename, kind), mimeType)
	err = waitForAccount(in.client.reupload(ctx, portal, intent, file, mimeType, content))
	if gone(err) {
		return notice("The customer sent a file that WhatsApp no longer hands over. Ask for it again."), nil
	} else if errors.Is(err, bridgev2.ErrMediaTooLarge) {
		return notice(fmt.Sprintf("The customer sent a file (%s) that is too large for your homeserver (max_upload_size).", name)), nil
	} else if err != nil {
		return nil, err
	}
	content.Body = name
	switch {
	case kind == "sticker":
		part.Type = event.EventSticker
		content.MsgType = ""
		content.Body = "Sticker"
		content.Info.Width, content.Info.Height = 256, 256
	case kind == "audio" && bool(file.Voice):
		content.MSC3245Voice = &event.MSC3245Voice{}
		content.MSC1767Audio = &event.MSC1767Audio{}
		content.Body = "Voice message"
		content.FileName = name
	}
	if file.Caption != "" {
		caption, html := markup.ToMatrix(file.Caption)
		content.FileName, content.Body = name, caption
		if html != "" {
			content.Format, content.FormattedBody = event.FormatHTML, html
		}
	}
	return part, nil
}

var messageTypes = map[string]event.MessageType{
	"image": event.MsgImage, "video": event.MsgVideo, "audio": event.MsgAudio, "document": event.MsgFile, "sticker": event.CapMsgSticker,
}

// accountWait is how long a file waits before it is asked for again while Meta refuses the account.
const accountWait = 30 * time.Second

// gone tells whether Meta no longer has the file; trying again cannot help then.
func gone(err error) bool {
	if _, temporary := errs.IsTemporary(err); err == nil || temporary {
		return false
	}
	var refused *graph.Error
	return errors.As(err, &refused) || errors.Is(err, errs.ErrNotFound)
}

// waitForAccount makes a refusal of the account one that passes: the file is there for seven days, and an operator may
// mend the token until then. ref: reference/whatsapp-cloud.md §4.2
func waitForAccount(err error) error {
	var refused *graph.Error
	if errors.As(err, &refused) && refused.Explain().Class == graph.AccountStopped {
		return errs.Temporary(err, accountWait)
	}
	return err
}

// reupload streams the file from Meta to the homeserver and fills in where it lies and how large it is.
func (cl *Client) reupload(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, file *graph.Media, mimeType string, content *event.MessageEventContent) error {
	body, size, err := cl.openMedia(ctx, file)
	if err != nil {
		return fmt.Errorf("fetch a customer's file: %w", err)
	}
	defer func() { _ = body.Close() }()
	var uploadErr error
	content.URL, content.File, uploadErr = intent.UploadMediaStream(ctx, portal.MXID, size, false, func(out io.Writer) (*bridgev2.FileStreamResult, error) {
		hash := sha256.New()
		written, err := io.Copy(io.MultiWriter(out, hash), body)
		if err != nil {
			return nil, errs.Temporary(fmt.Errorf("read a customer's file: %w", err), 0)
		}
		if file.SHA256 != "" && !graph.HashMatches([sha256.Size]byte(hash.Sum(nil)), file.SHA256) {
			return nil, errs.Temporary(fmt.Errorf("a customer's file came over damaged: %w", errs.ErrConflict), 0)
		}
		content.Info.Size = int(written)
		// The name stays out of the upload's address, which errors and proxies show; the event has it.
		return &bridgev2.FileStreamResult{MimeType: mimeType}, nil
	})
	if uploadErr != nil {
		return fmt.Errorf("bring a customer's file to the homeserver: %w", uploadErr)
	}
	return nil
}

// openMedia opens the file: by the address in the webhook, which lives five minutes, or by asking for a new one.
// ref: reference/whatsapp-cloud.md §4.2
func (cl *Client) openMedia(ctx context.Context, file *graph.Media) (body io.ReadCloser, size int64, err error) {
	if file.URL != "" {
		if body, size, _, err = cl.graph.DownloadMedia(ctx, file.URL); err == nil {
			return body, size, nil
		}
	}
	info, err := cl.graph.MediaInfo(ctx, string(file.ID), cl.phoneNumberID)
	cl.noteAccount(err)
	if err != nil {
		return nil, 0, err
	}
	body, size, _, err = cl.graph.DownloadMedia(ctx, info.URL)
	return body, size, err
}
