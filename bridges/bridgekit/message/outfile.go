package message

import (
	"context"
	"errors"
	"fmt"
	"os"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/core/base/errs"
)

// Outfile fetches an agent's file from the homeserver, brings it into a form that the network takes, and lends it
// to use; what cannot be shown as what it is becomes a document. The file goes from disk to disk, not through memory.
func Outfile(ctx context.Context, bot bridgev2.MatrixAPI, content *event.MessageEventContent, limits media.Limits, use func(media.File) error) error {
	if err := checkAddress(content); err != nil {
		return err
	}
	err := bot.DownloadMediaToFile(ctx, content.URL, content.File, false, func(file *os.File) error {
		name, declared := content.GetFileName(), ""
		if content.Info != nil {
			declared = content.Info.MimeType
		}
		ready, err := media.Convert(ctx, media.File{Path: file.Name(), Name: name, Mime: declared}, FileKind(content), limits, media.Options{AsDocument: true})
		if err != nil {
			return err
		}
		defer func() { _ = ready.Remove() }()
		return use(ready)
	})
	if errors.Is(err, mautrix.MNotFound) {
		return errs.Tell(fmt.Errorf("read a file from the homeserver: %w", errs.ErrNotFound), "the homeserver no longer has the file. Send it again.")
	} else if err != nil {
		return fmt.Errorf("send a file: %w", err)
	}
	return nil
}
