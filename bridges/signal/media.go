package signal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// file brings a customer's file to the homeserver as it streams in, and makes the event that shows it.
func (in *incoming) file(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, p piece) (*bridgev2.ConvertedMessagePart, error) {
	attachment := p.file
	arriving := message.Infile{
		Kind: kindOf(attachment), Name: attachment.Filename, Mime: attachment.ContentType, Width: attachment.Width, Height: attachment.Height,
		Open: func(ctx context.Context) (io.ReadCloser, int64, error) {
			if attachment.Size > in.client.connector.config.maxFile() {
				return nil, 0, tooLarge(in.client.connector.config.AttachmentLimit)
			}
			body, size, err := in.client.connector.daemon.Attachment(ctx, in.client.account(), attachment.ID, in.from())
			return body, size, missing(err)
		},
	}
	if p.more {
		arriving.Caption = attachment.Caption
	} else {
		arriving.Caption, arriving.CaptionHTML = in.text(ctx, p.data)
		if arriving.Caption == "" {
			arriving.Caption = attachment.Caption
		}
	}
	return arriving.Part(ctx, portal.MXID, intent)
}

func tooLarge(limit int) error {
	return errs.Tell(fmt.Errorf("customer's file over the limit: %w", errs.ErrTooLarge),
		fmt.Sprintf("The customer sent a file of more than %d MB, which is Puente's limit (networks.signal.attachment_limit).", limit))
}

// from is the chat that a file came in, as the daemon wants it.
func (in *incoming) from() daemon.To {
	if group, ok := groupOf(in.chat.ID); ok {
		return daemon.To{GroupID: group}
	}
	e := in.got.Envelope
	if e.Sync != nil && e.Sync.Sent != nil {
		return daemon.To{Recipient: either(e.Sync.Sent.DestinationUUID, e.Sync.Sent.DestinationNumber)}
	}
	return daemon.To{Recipient: either(e.SourceUUID, e.SourceNumber)}
}

// missing marks a refusal as one that trying again cannot mend: the daemon no longer has the file, or never fetched it.
func missing(err error) error {
	var refused *daemon.Error
	if isForGood(err) {
		return fmt.Errorf("fetch a customer's file: %w: %w", errs.ErrNotFound, err)
	} else if errors.As(err, &refused) || daemon.IsLost(err) {
		return errs.Temporary(fmt.Errorf("fetch a customer's file: %w", err), 0)
	}
	return err
}

// kindOf is what a file is for the reader.
func kindOf(attachment *daemon.Attachment) media.Kind {
	switch kind, _, _ := strings.Cut(attachment.ContentType, "/"); {
	case attachment.IsVoice():
		return media.Voice
	case kind == "image":
		return media.Image
	case kind == "video":
		return media.Video
	case kind == "audio":
		return media.Audio
	}
	return media.Document
}

// sticker brings a sticker over as a picture.
func (in *incoming) sticker(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, sticker *daemon.Sticker) (*bridgev2.ConvertedMessagePart, error) {
	arriving := message.Infile{
		Kind: media.Sticker, Mime: "image/webp",
		Open: func(ctx context.Context) (io.ReadCloser, int64, error) {
			body, size, err := in.client.connector.daemon.StickerImage(ctx, in.client.account(), *sticker)
			return body, size, missing(err)
		},
	}
	return arriving.Part(ctx, portal.MXID, intent)
}
