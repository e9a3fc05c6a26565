package message

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// An event may have 65,536 bytes with all around it (Matrix specification, size limits), and encryption makes it a
// third larger. An edit holds its text twice.
const (
	mostInMessage = 40_000
	mostInEdit    = 20_000
	preview       = 1_000 // characters of a longer text that the room shows
)

// Fit makes sure that a customer's text fits into one event: without its formatting if that is enough, else as a
// text file with the beginning for a caption, so that nothing is lost.
func Fit(ctx context.Context, room id.RoomID, intent bridgev2.MatrixAPI, part *bridgev2.ConvertedMessagePart, edit bool) error {
	content, most := part.Content, mostInMessage
	if edit {
		most = mostInEdit
	}
	if content == nil || encoded(content.Body)+encoded(content.FormattedBody) <= most {
		return nil
	}
	content.Format, content.FormattedBody = "", ""
	if encoded(content.Body) <= most {
		return nil
	}
	if content.URL != "" || content.File != nil {
		// One event shows one file. Only Signal has texts of this length, and few of them stand under a picture.
		content.Body = beginning(content.Body, most/8) + "\n(The text goes on; only its beginning fits under a file. Ask for the rest.)"
		return nil
	}
	text := []byte(content.Body) // clients that know no file in an edit still show its beginning
	url, file, err := intent.UploadMedia(ctx, room, text, "", "text/plain")
	if err != nil {
		return errs.Temporary(fmt.Errorf("bring a long text to the homeserver: %w", err), 0)
	}
	content.MsgType, content.URL, content.File = event.MsgFile, url, file
	content.FileName, content.Body = "message.txt", beginning(content.Body, preview)
	content.Info = &event.FileInfo{MimeType: "text/plain", Size: len(text)}
	return nil
}

// encoded is the size of a text in an event's JSON.
func encoded(text string) int {
	if text == "" {
		return 0
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil {
		return len(text) * 6
	}
	return out.Len()
}

// beginning is the first so many characters of a text, marked as such.
func beginning(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
