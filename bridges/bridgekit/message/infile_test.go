package message

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/media"
	"puente/core/base/errs"
	"puente/core/testkit/sample"
)

// homeserver takes files and remembers what it was given.
type homeserver struct {
	bridgev2.MatrixAPI
	dir  string
	most int64
	got  []byte
	mime string
}

func (h *homeserver) UploadMediaStream(_ context.Context, _ id.RoomID, size int64, _ bool, write bridgev2.FileStreamCallback) (id.ContentURIString, *event.EncryptedFileInfo, error) {
	file, err := os.Create(filepath.Join(h.dir, "up"))
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = file.Close() }()
	if size > 0 { // as mautrix does
		if err = file.Truncate(size); err != nil {
			return "", nil, err
		}
	}
	result, err := write(file)
	if err != nil {
		return "", nil, bridgev2.CallbackError{Type: "write", Wrapped: err}
	}
	path := file.Name()
	if result.ReplacementFile != "" {
		path = result.ReplacementFile
	}
	if h.got, err = os.ReadFile(path); err != nil {
		return "", nil, err
	} else if h.most > 0 && int64(len(h.got)) > h.most {
		return "", nil, bridgev2.ErrMediaTooLarge
	}
	h.mime = result.MimeType
	return "mxc://example.org/file", nil, nil
}

func (h *homeserver) UploadMedia(_ context.Context, _ id.RoomID, data []byte, _, mime string) (id.ContentURIString, *event.EncryptedFileInfo, error) {
	h.got, h.mime = data, mime
	return "mxc://example.org/file", nil, nil
}

// holding is a file that a network hands over, announced with the given size.
func holding(data []byte, size int64) func(context.Context) (io.ReadCloser, int64, error) {
	return func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(data)), size, nil
	}
}

func bring(t *testing.T, hs *homeserver, file Infile) (*bridgev2.ConvertedMessagePart, error) {
	t.Helper()
	hs.dir = t.TempDir()
	return file.Part(context.Background(), "!room:example.org", hs)
}

func made(t *testing.T, sample func() ([]byte, error)) []byte {
	t.Helper()
	data, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestInfile(t *testing.T) {
	picture := made(t, sample.PhotoJPEG)
	t.Run("APictureComesOverWholeWithItsSize", func(t *testing.T) {
		hs := &homeserver{}
		part, err := bring(t, hs, Infile{Kind: media.Image, Mime: "image/jpeg; x=y", Open: holding(picture, int64(len(picture)+500)), Caption: "Look", CaptionHTML: "<b>Look</b>"})
		if err != nil {
			t.Fatal(err)
		}
		c := part.Content
		if !bytes.Equal(hs.got, picture) || hs.mime != "image/jpeg" {
			t.Errorf("the homeserver got %d bytes of %s", len(hs.got), hs.mime)
		}
		if c.MsgType != event.MsgImage || c.Info.Width == 0 || c.Info.Size != len(picture) || c.Body != "Look" || c.FileName != "image.jpg" || c.FormattedBody != "<b>Look</b>" || c.Mentions == nil {
			t.Errorf("made %+v, %+v", c, c.Info)
		}
	})
	t.Run("ABrokenPictureOrStickerIsAFile", func(t *testing.T) {
		for _, kind := range []media.Kind{media.Image, media.Sticker} {
			for _, data := range [][]byte{[]byte("no picture at all"), picture[:20]} {
				part, err := bring(t, &homeserver{}, Infile{Kind: kind, Mime: "image/jpeg", Open: holding(data, 0)})
				if err != nil || part.Type != event.EventMessage || part.Content.MsgType != event.MsgFile {
					t.Errorf("a broken %s gives %+v, %v", kind, part, err)
				}
			}
		}
	})
	t.Run("StickersAndVoiceMessagesAreShownAsSuch", func(t *testing.T) {
		part, err := bring(t, &homeserver{}, Infile{Kind: media.Sticker, Open: holding(made(t, sample.StillSticker), 0), Caption: "lost on a sticker"})
		if err != nil || part.Type != event.EventSticker || part.Content.Info.Width != 256 {
			t.Errorf("a sticker gives %+v, %v", part, err)
		}
		part, err = bring(t, &homeserver{}, Infile{Kind: media.Voice, Open: holding(sample.VoiceOpus(), 0)})
		if err != nil || part.Content.MSC3245Voice == nil || part.Content.Info.Duration == 0 {
			t.Errorf("a voice message gives %+v, %v", part.Content, err)
		}
	})
	t.Run("AConversionIsSentInItsPlace", func(t *testing.T) {
		hs := &homeserver{}
		convert := func(_ context.Context, file media.File) (media.File, error) {
			path := filepath.Join(hs.dir, "made")
			return media.File{Path: path, Name: "made.png", Mime: "image/png", Width: 3, Height: 3, Size: 5}, os.WriteFile(path, []byte("12345"), 0o600)
		}
		part, err := bring(t, hs, Infile{Kind: media.Image, Open: holding(picture, 0), Convert: convert})
		if err != nil || string(hs.got) != "12345" || part.Content.Info.MimeType != "image/png" {
			t.Errorf("got %q, %+v, %v", hs.got, part, err)
		}
		failing := func(context.Context, media.File) (media.File, error) { return media.File{}, errors.New("no") }
		if _, err = bring(t, hs, Infile{Kind: media.Image, Open: holding(picture, 0), Convert: failing}); err != nil || !bytes.Equal(hs.got, picture) {
			t.Errorf("a failed conversion sends %d bytes, %v", len(hs.got), err)
		}
	})
	t.Run("WhatCannotComeOverIsTold", func(t *testing.T) {
		failing := func(err error) func(context.Context) (io.ReadCloser, int64, error) {
			return func(context.Context) (io.ReadCloser, int64, error) { return nil, 0, err }
		}
		for word, file := range map[string]Infile{
			"no longer":   {Open: failing(fmt.Errorf("gone: %w", errs.ErrNotFound))},
			"too large":   {Open: failing(fmt.Errorf("big: %w", errs.ErrTooLarge))},
			"over 20 MB":  {Open: failing(errs.Tell(errs.ErrTooLarge, "The customer's file is over 20 MB."))},
			"empty":       {Open: holding(nil, 0)},
			"upload_size": {Open: holding(picture, 0), Name: "cat.jpg"},
		} {
			part, err := bring(t, &homeserver{most: 10}, file)
			if err != nil || part.Content.MsgType != event.MsgNotice || !strings.Contains(part.Content.Body, word) {
				t.Errorf("%s: %+v, %v", word, part, err)
			}
		}
	})
	t.Run("WhatMayComeLaterIsTriedAgain", func(t *testing.T) {
		damaged := Infile{Open: holding(picture, 0), Check: func([sha256.Size]byte) error { return errs.ErrConflict }}
		if _, err := bring(t, &homeserver{}, damaged); err == nil {
			t.Error("a damaged file is taken")
		} else if _, again := errs.IsTemporary(err); !again {
			t.Errorf("a damaged file is final: %v", err)
		}
		away := Infile{Open: func(context.Context) (io.ReadCloser, int64, error) {
			return nil, 0, errs.Temporary(fmt.Errorf("away: %w", errs.ErrNotFound), 0)
		}}
		if _, err := bring(t, &homeserver{}, away); err == nil {
			t.Error("a file that may come back is given up")
		}
	})
}

func TestFit(t *testing.T) {
	fit := func(t *testing.T, part *bridgev2.ConvertedMessagePart, edit bool) (*event.MessageEventContent, *homeserver) {
		t.Helper()
		hs := &homeserver{}
		if err := Fit(context.Background(), "!room:example.org", hs, part, edit); err != nil {
			t.Fatal(err)
		}
		return part.Content, hs
	}
	t.Run("AnOrdinaryTextStaysAsItIs", func(t *testing.T) {
		if c, _ := fit(t, Text("short", "<b>short</b>"), false); c.Body != "short" || c.FormattedBody == "" {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("FormattingGoesBeforeWords", func(t *testing.T) {
		text := strings.Repeat("ä", 12_000)
		if c, _ := fit(t, Text(text, "<b>"+text+"</b>"), false); c.Body != text || c.FormattedBody != "" || c.MsgType != event.MsgText {
			t.Errorf("got %s with %d bytes and HTML %d", c.MsgType, len(c.Body), len(c.FormattedBody))
		}
	})
	t.Run("ALongTextBecomesAFileWithItsBeginning", func(t *testing.T) {
		text := strings.Repeat("wörd ", 13_107) + "x"
		for _, edit := range []bool{false, true} {
			c, hs := fit(t, Text(text, ""), edit)
			if string(hs.got) != text || c.MsgType != event.MsgFile || c.FileName != "message.txt" || !strings.HasPrefix(text, strings.TrimSuffix(c.Body, "…")) || len(c.Body) > 4096 {
				t.Errorf("edit %t: %s, file of %d bytes, body of %d", edit, c.MsgType, len(hs.got), len(c.Body))
			}
		}
	})
	t.Run("AFilesCaptionIsCutAndSaysSo", func(t *testing.T) {
		part := Text(strings.Repeat("a", 60_000), "")
		part.Content.URL = "mxc://example.org/picture"
		if c, _ := fit(t, part, false); len(c.Body) > 10_000 || !strings.Contains(c.Body, "goes on") {
			t.Errorf("a caption of %d bytes", len(c.Body))
		}
	})
}
