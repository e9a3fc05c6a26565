package hub

import (
	"context"
	"fmt"

	"github.com/skip2/go-qrcode"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// codeSide is the width of a QR code's picture in pixels: large enough to be scanned from a screen.
const codeSide = 512

// showCode shows what the other side of a login scans or types: a QR code as a picture, with what it holds as text
// below, and anything else as text. It returns the picture, to be taken away when the login is over.
func (l *logins) showCode(ctx context.Context, where talk, params *bridgev2.LoginDisplayAndWaitParams) (picture id.EventID, text string, err error) {
	if params == nil || params.Data == "" {
		return "", "", nil
	}
	text = "`" + params.Data + "`"
	if params.Type != bridgev2.LoginDisplayTypeQR {
		return "", text, nil
	}
	image, err := qrcode.Encode(params.Data, qrcode.Medium, codeSide)
	if err != nil {
		return "", "", fmt.Errorf("draw a QR code: %w", err)
	}
	uploaded, err := l.hub.bot.UploadMedia(ctx, mautrix.ReqUploadMedia{ContentBytes: image, ContentType: "image/png"})
	if err != nil {
		return "", "", errs.Temporary(fmt.Errorf("bring a QR code to the homeserver: %w", err), 0)
	}
	sent, err := l.hub.bot.SendMessageEvent(ctx, where.room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgImage, Body: "login.png", URL: uploaded.ContentURI.CUString(), Mentions: &event.Mentions{},
		Info: &event.FileInfo{MimeType: "image/png", Width: codeSide, Height: codeSide, Size: len(image)},
	})
	if err != nil {
		return "", "", errs.Temporary(fmt.Errorf("show a QR code: %w", err), 0)
	}
	return sent.EventID, text, nil
}

// hideCode takes a login's picture away: who reads the chat later has no use for it.
func (l *logins) hideCode(ctx context.Context, where talk, picture id.EventID) {
	if picture == "" {
		return
	}
	if _, err := l.hub.bot.RedactEvent(ctx, where.room, picture); err != nil {
		l.hub.Log.Debug().Err(err).Msg("Could not take a login's QR code away")
	}
}
