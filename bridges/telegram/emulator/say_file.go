package emulator

import (
	"bytes"
	"fmt"
	"path"

	"puente/core/base/errs"
)

// File is a file that a person sends. No Data: the emulator's own sample of the kind.
type File struct {
	Data []byte
	Name string
	Mime string
	// Width, Height (pixels) and Duration (seconds) are read from the bytes if 0 and if they tell.
	Width, Height, Duration int
	// Title and Performer are an audio file's.
	Title, Performer string
	// Emoji and Set are a sticker's.
	Emoji, Set string
	// Spoiler hides it until it is tapped.
	Spoiler bool
	// NoThumbnail leaves out the preview that Telegram makes.
	NoThumbnail bool
}

// The kinds of file that SendFile and SendAlbum take.
const (
	Photo     = "photo"
	LivePhoto = "live_photo"
	Video     = "video"
	VideoNote = "video_note"
	Animation = "animation"
	Voice     = "voice"
	Audio     = "audio"
	Document  = "document"
	Sticker   = "sticker"
)

// SendFile sends a file as one of the kinds above.
func (c *Chat) SendFile(kind string, f File, options ...Option) (int64, error) {
	content, err := c.e.fileMessage(kind, f)
	if err != nil {
		return 0, err
	}
	return c.say(content, options)
}

// SendPhoto sends a picture, which Telegram recompresses.
func (c *Chat) SendPhoto(f File, options ...Option) (int64, error) {
	return c.SendFile(Photo, f, options...)
}

// SendVoice sends a voice message.
func (c *Chat) SendVoice(f File, options ...Option) (int64, error) {
	return c.SendFile(Voice, f, options...)
}

// SendDocument sends a file as it is.
func (c *Chat) SendDocument(f File, options ...Option) (int64, error) {
	return c.SendFile(Document, f, options...)
}

// SendSticker sends one of the sample stickers: "static" (WebP), "animated" (TGS) or "video" (WebM).
func (c *Chat) SendSticker(form string, options ...Option) (int64, error) {
	f, err := sampleSticker(form)
	if err != nil {
		return 0, err
	}
	return c.SendFile(Sticker, f, options...)
}

// SendAlbum sends files as one album; the options go with the first, and kinds[i] is that of files[i].
func (c *Chat) SendAlbum(kinds []string, files []File, options ...Option) (messageIDs []int64, err error) {
	if len(kinds) != len(files) || len(files) < 2 || len(files) > 10 {
		return nil, fmt.Errorf("send an album: 2 to 10 files, each with a kind: %w", errs.ErrInvalid)
	}
	var contents []object
	for i, f := range files {
		content, err := c.e.fileMessage(kinds[i], f)
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	c.e.mu.Lock()
	group := decimal(13_000_000_000_000_000 + c.e.st.next())
	c.e.mu.Unlock()
	for i, content := range contents {
		content["media_group_id"] = group
		if i > 0 {
			options = nil
		}
		id, err := c.say(content, options)
		if err != nil {
			return nil, err
		}
		messageIDs = append(messageIDs, id)
	}
	return messageIDs, nil
}

// fileMessage stores a file and makes the content of a message with it, with the previews that Telegram makes.
func (e *Emulator) fileMessage(kind string, f File) (object, error) {
	if len(f.Data) == 0 {
		sample, err := sampleFile(kind)
		if err != nil {
			return nil, err
		}
		f.Data, f.Name, f.Mime = sample.Data, firstOf(f.Name, sample.Name), firstOf(f.Mime, sample.Mime)
		f.Title, f.Performer = firstOf(f.Title, sample.Title), firstOf(f.Performer, sample.Performer)
		f.Duration = max(f.Duration, sample.Duration)
	}
	stored, err := e.storeFile(bytes.NewReader(f.Data), maxUploadLocal)
	if err != nil {
		return nil, err
	}
	stored.Name, stored.Mime = nameFor(kind, f.Name), f.Mime
	if f.Width > 0 {
		stored.Width, stored.Height = f.Width, f.Height
	}
	if f.Duration > 0 {
		stored.Duration = f.Duration
	}
	if stored.Mime == "" {
		stored.Mime = typeOf(stored)
	}
	facts := mediaFacts{fields: object{"title": f.Title, "performer": f.Performer, "emoji": f.Emoji, "set_name": f.Set}}
	if !f.NoThumbnail {
		facts.thumbnail = e.preview(kind, stored)
	}
	content, err := e.contentOf(kind, stored, facts)
	if err != nil {
		return nil, err
	}
	if f.Spoiler {
		content["has_media_spoiler"] = true
	}
	return content, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// nameFor is the name that a file keeps: photos, voice messages, video notes and stickers have none.
func nameFor(kind, name string) string {
	switch kind {
	case Photo, Voice, VideoNote, Sticker, LivePhoto:
		return ""
	}
	if name == "" {
		return ""
	}
	return path.Base(name)
}

// contentOf makes the content and keeps all its files.
func (e *Emulator) contentOf(kind string, stored *file, facts mediaFacts) (object, error) {
	in := &fileField{file: stored}
	var err error
	switch kind {
	case Photo:
		if in.sizes, err = e.photoSizes(stored); err != nil {
			return nil, fmt.Errorf("send a photo: %w", err)
		}
	case LivePhoto:
		still, err := e.fileMessage(Photo, File{})
		if err != nil {
			return nil, err
		}
		stored.Folder = "live_photos"
		live := base(stored)
		live["width"], live["height"], live["duration"], live["mime_type"] = stored.Width, stored.Height, stored.Duration, stored.Mime
		live["photo"] = still["photo"]
		e.keepFiles(stored)
		return object{"photo": still["photo"], "live_photo": live}, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var content object
	var r *refusal
	if kind == Photo {
		taken := (&call{e: e}).take(&upload{file: stored, sizes: in.sizes})
		content, r = photoContent(taken)
	} else {
		content, r = fileContent(kind, stored, facts)
		e.st.Files[stored.Key] = stored
	}
	if facts.thumbnail != nil {
		e.st.Files[facts.thumbnail.Key] = facts.thumbnail
	}
	if r != nil {
		return nil, fmt.Errorf("send a file as %s: %s: %w", kind, r.text, errs.ErrInvalid)
	}
	return content, nil
}

func (e *Emulator) keepFiles(files ...*file) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range files {
		e.st.Files[f.Key] = f
	}
}

// preview makes the small picture that goes with a kind of file, or nil.
func (e *Emulator) preview(kind string, stored *file) *file {
	source := stored
	switch kind {
	case Video, VideoNote, Animation, Sticker, Audio:
		if stored.Format != "webp" && stored.Format != "gif" {
			still, err := e.storeFile(bytes.NewReader(samplePhoto()), maxPhoto)
			if err != nil {
				return nil
			}
			defer e.forget(still)
			source = still
		}
	case Document:
		if stored.Width == 0 || stored.Format == "mp4" {
			return nil
		}
	default:
		return nil
	}
	small, err := e.thumbnail(source, map[bool]int{true: 128, false: 320}[kind == Sticker])
	if err != nil {
		return nil
	}
	return small
}
