package whatsapp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/bridges/whatsapp/markup"
	"puente/core/base/errs"
)

// kinds are WhatsApp's words for files, and ours; a voice message is marked audio.
var kinds = map[string]media.Kind{
	"image": media.Image, "video": media.Video, "audio": media.Audio, "document": media.Document, "sticker": media.Sticker,
}

// media brings a customer's file to the homeserver as it streams in, and makes the event that shows it.
func (in *incoming) media(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, kind string, file *graph.Media) (*bridgev2.ConvertedMessagePart, error) {
	arriving := message.Infile{
		Kind: kinds[kind], Name: file.Filename, Mime: file.MIMEType,
		Open: func(ctx context.Context) (io.ReadCloser, int64, error) {
			body, size, err := in.client.openMedia(ctx, file)
			return body, size, gone(waitForAccount(err))
		},
	}
	if kind == "audio" && bool(file.Voice) {
		arriving.Kind = media.Voice
	}
	if file.SHA256 != "" {
		arriving.Check = func(sum [sha256.Size]byte) error {
			if !graph.HashMatches(sum, file.SHA256) {
				return fmt.Errorf("SHA-256 of a file: %w", errs.ErrConflict)
			}
			return nil
		}
	}
	arriving.Caption, arriving.CaptionHTML = markup.ToMatrix(file.Caption)
	return arriving.Part(ctx, portal.MXID, intent)
}

// accountWait is how long a file waits before it is asked for again while Meta refuses the account.
const accountWait = 30 * time.Second

// gone marks an error after which trying again cannot help: Meta no longer has the file.
func gone(err error) error {
	var refused *graph.Error
	if _, temporary := errs.IsTemporary(err); !temporary && errors.As(err, &refused) {
		return fmt.Errorf("fetch a customer's file: %w: %w", errs.ErrNotFound, err)
	}
	return err
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
