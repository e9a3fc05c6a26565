package message

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/media"
	"puente/core/base/errs"
)

// Infile is a customer's file on its way to the homeserver.
type Infile struct {
	Kind media.Kind
	Name string // as the customer called it; may be empty
	Mime string // as the network declares it, with or without parameters; may be empty
	// Width, Height and Duration are what the network tells; a picture's own header is believed more.
	Width, Height int
	Duration      time.Duration
	// Open fetches the file. A size that is not known is 0. That the network no longer has it is an errs.ErrNotFound, and
	// that it does not hand over one so large an errs.ErrTooLarge: both become a notice in the room.
	Open func(ctx context.Context) (body io.ReadCloser, size int64, err error)
	// Check, if set, compares the SHA-256 of what came; an error of its has the file fetched again.
	Check func(sum [sha256.Size]byte) error
	// Convert, if set, makes of the file something that Matrix clients can show, such as a WebP of an animation. If it
	// fails the file is sent as it is.
	Convert func(ctx context.Context, file media.File) (media.File, error)
	// Caption stands under the file; CaptionHTML is empty if it has no formatting.
	Caption, CaptionHTML string
}

// Part brings the file to the homeserver as it streams in, and makes the event that shows it. A picture or a sticker
// that is none becomes a file. What cannot be brought over for good becomes a notice that says so.
func (f Infile) Part(ctx context.Context, room id.RoomID, intent bridgev2.MatrixAPI) (*bridgev2.ConvertedMessagePart, error) {
	in := &upload{Infile: f, info: &event.FileInfo{Width: f.Width, Height: f.Height, Duration: int(f.Duration.Milliseconds())}}
	err := in.run(ctx, room, intent)
	var what *told
	switch {
	case errors.As(err, &what):
		return Notice(what.words), nil
	case err != nil:
		return nil, err
	}
	return in.part(), nil
}

// told ends an upload with words for the room.
type told struct{ words string }

func (t *told) Error() string { return "a customer's file cannot be shown" }

// upload is one file under way.
type upload struct {
	Infile
	info *event.FileInfo
	url  id.ContentURIString
	file *event.EncryptedFileInfo
}

func (u *upload) run(ctx context.Context, room id.RoomID, intent bridgev2.MatrixAPI) error {
	body, size, err := u.Open(ctx)
	if err != nil {
		return u.explain(err)
	}
	defer func() { _ = body.Close() }()
	u.url, u.file, err = intent.UploadMediaStream(ctx, room, size, true, func(out io.Writer) (*bridgev2.FileStreamResult, error) {
		return u.take(ctx, out.(*os.File), body)
	})
	if err != nil {
		return u.explain(err)
	}
	return nil
}

// take writes the file down, looks at it and converts it if that is wanted.
func (u *upload) take(ctx context.Context, out *os.File, body io.Reader) (*bridgev2.FileStreamResult, error) {
	hash := sha256.New()
	written, err := io.Copy(io.MultiWriter(out, hash), body)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("read a customer's file: %w", err), 0)
	} else if err = out.Truncate(written); err != nil { // room for the announced size was taken before
		return nil, errs.Temporary(fmt.Errorf("keep a customer's file: %w", err), 0)
	}
	if u.Check != nil {
		if err = u.Check([sha256.Size]byte(hash.Sum(nil))); err != nil {
			return nil, errs.Temporary(fmt.Errorf("a customer's file came over damaged: %w", err), 0)
		}
	}
	file, err := media.Inspect(media.File{Path: out.Name(), Name: u.name(), Mime: u.mime(), Kind: u.Kind})
	if errors.Is(err, errs.ErrInvalid) {
		return nil, &told{"The customer sent an empty file. Ask for it again."}
	} else if err != nil {
		return nil, errs.Temporary(err, 0)
	}
	result := &bridgev2.FileStreamResult{}
	if u.Convert != nil {
		if made, err := u.Convert(ctx, file); err == nil && made.Path != file.Path {
			file, result.ReplacementFile = made, made.Path
		}
	}
	u.describe(file)
	// The name stays out of the upload's address, which errors and proxies show; the event has it.
	result.MimeType = u.info.MimeType
	return result, nil
}

// describe keeps what the file's content shows of it.
func (u *upload) describe(file media.File) {
	isPicture := strings.HasPrefix(file.Mime, "image/") && file.Width > 0
	if (u.Kind == media.Image || u.Kind == media.Sticker) && !isPicture {
		u.Kind = media.Document
	}
	u.Name, u.info.MimeType, u.info.Size = file.Name, file.Mime, int(file.Size)
	if file.Width > 0 {
		u.info.Width, u.info.Height = file.Width, file.Height
	}
	if file.Duration > 0 {
		u.info.Duration = int(file.Duration.Milliseconds())
	}
}

// explain gives what cannot be mended words for the room; all else is the caller's.
func (u *upload) explain(err error) error {
	_, again := errs.IsTemporary(err)
	switch {
	case again:
		return fmt.Errorf("bring a customer's file to the homeserver: %w", err)
	case errors.Is(err, errs.ErrNotFound):
		return &told{"The customer sent a file that the network no longer hands over. Ask for it again."}
	case errors.Is(err, errs.ErrTooLarge):
		words := "The customer sent a file that is too large for the network to hand over."
		if message := errs.Message(err); message != "" {
			words = message
		}
		return &told{words}
	case errors.Is(err, bridgev2.ErrMediaTooLarge):
		return &told{fmt.Sprintf("The customer sent a file (%s) that is too large for your homeserver (max_upload_size).", media.CleanName(u.name(), u.mime()))}
	}
	return fmt.Errorf("bring a customer's file to the homeserver: %w", err)
}

// names are what a file is called that the customer gave no name.
var names = map[media.Kind]string{
	media.Image: "image", media.Video: "video", media.Audio: "audio", media.Voice: "voice", media.Sticker: "sticker",
}

func (u *upload) name() string {
	if u.Name != "" {
		return u.Name
	} else if name := names[u.Kind]; name != "" {
		return name
	}
	return "document"
}

func (u *upload) mime() string {
	kind, _, _ := strings.Cut(u.Mime, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

var messageTypes = map[media.Kind]event.MessageType{
	media.Image: event.MsgImage, media.Video: event.MsgVideo, media.Audio: event.MsgAudio, media.Voice: event.MsgAudio, media.Document: event.MsgFile,
}

// stickerSide is how large clients show a sticker, in pixels.
const stickerSide = 256

func (u *upload) part() *bridgev2.ConvertedMessagePart {
	part := Plain(messageTypes[u.Kind], u.Name)
	part.Content.Info, part.Content.URL, part.Content.File = u.info, u.url, u.file
	switch u.Kind {
	case media.Sticker:
		part.Type, part.Content.Body = event.EventSticker, "Sticker"
		u.info.Width, u.info.Height = scaled(u.info.Width, u.info.Height, stickerSide)
	case media.Voice:
		part.Content.MSC3245Voice = &event.MSC3245Voice{}
		part.Content.MSC1767Audio = &event.MSC1767Audio{Duration: u.info.Duration}
		part.Content.Body, part.Content.FileName = "Voice message", u.Name
	}
	if u.Caption != "" && part.Type != event.EventSticker {
		part.Content.FileName, part.Content.Body = u.Name, u.Caption
		setHTML(part.Content, u.CaptionHTML)
	}
	return part
}

// scaled is a size with the longer side as wanted.
func scaled(width, height, side int) (int, int) {
	if longer := max(width, height); longer > 0 {
		return max(width*side/longer, 1), max(height*side/longer, 1)
	}
	return side, side
}
