package emulator

import (
	"path"
	"strings"
)

// fileField is what a field that holds a file means: a new upload, or a file that the bot knows.
type fileField struct {
	file  *file
	sizes []*file
}

// input reads a field that holds a file, of the call itself or of an InputMedia in it. The caller holds mu.
func (c *call) input(fields object, name string) (*fileField, *refusal) {
	value, _ := fields[name].(string)
	u := c.uploads[name]
	if reference, ok := strings.CutPrefix(value, "attach://"); ok {
		u = c.uploads[reference]
	} else if value != "" {
		u = nil
	}
	switch {
	case u != nil && u.file.Size == 0:
		return nil, bad("file must be non-empty")
	case u != nil:
		return c.take(u), nil
	case value == "":
		return nil, bad(missing(name, false))
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		return nil, bad("failed to get HTTP URL content: the emulator fetches no files")
	}
	f := c.e.fileByID(c.b, value)
	if f == nil {
		return nil, bad("wrong file identifier/HTTP URL specified")
	}
	known := &fileField{file: f}
	for _, key := range f.Sizes {
		known.sizes = append(known.sizes, c.e.st.Files[key])
	}
	return known, nil
}

// take makes an upload a file that bots can name.
func (c *call) take(u *upload) *fileField {
	u.file.Mime = typeOf(u.file)
	c.e.st.Files[u.file.Key] = u.file
	var keys []string
	for _, size := range u.sizes {
		keys = append(keys, size.Key)
	}
	for _, size := range u.sizes {
		size.Sizes = keys
		c.e.st.Files[size.Key] = size
	}
	return &fileField{file: u.file, sizes: u.sizes}
}

// typeOf is the MIME type that Telegram gives a file, by its ending or else by its bytes.
func typeOf(f *file) string {
	byEnding := map[string]string{
		".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
		".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mp3": "audio/mpeg", ".m4a": "audio/mp4",
		".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/x-wav", ".pdf": "application/pdf",
		".txt": "text/plain", ".zip": "application/zip", ".tgs": "application/x-tgsticker", ".json": "application/json",
	}
	if known := byEnding[strings.ToLower(path.Ext(f.Name))]; known != "" {
		return known
	}
	if known := byEnding["."+f.Format]; known != "" {
		return known
	}
	if f.Format == "jpeg" {
		return "image/jpeg"
	}
	if f.Mime != "" {
		return f.Mime
	}
	return "application/octet-stream"
}

// caption reads the caption of a call or of an InputMedia.
func caption(fields object, content object) *refusal {
	if mode, _ := fields["parse_mode"].(string); mode != "" {
		return noParseMode()
	}
	text, _ := fields["caption"].(string)
	entities, _ := fields["caption_entities"].([]any)
	text, entities, r := formatted(text, entities, maxCaption, "message caption is too long")
	if r != nil {
		return r
	}
	put(content, "caption", text)
	if len(entities) > 0 {
		content["caption_entities"] = entities
	}
	if fields["show_caption_above_media"] == true {
		content["show_caption_above_media"] = true
	}
	if fields["has_spoiler"] == true {
		content["has_media_spoiler"] = true
	}
	return nil
}

// sendFile sends a call's one file as a kind of media.
func (c *call) sendFile(kind string) (any, *refusal) {
	content, r := c.media(kind, c.fields, kind)
	if r == nil {
		r = caption(c.fields, content)
	}
	return c.deliverContent(content, r)
}

func (c *call) sendPhoto() (any, *refusal)     { return c.sendFile("photo") }
func (c *call) sendLivePhoto() (any, *refusal) { return c.sendFile("live_photo") }
func (c *call) sendAudio() (any, *refusal)     { return c.sendFile("audio") }
func (c *call) sendDocument() (any, *refusal)  { return c.sendFile("document") }
func (c *call) sendVideo() (any, *refusal)     { return c.sendFile("video") }
func (c *call) sendAnimation() (any, *refusal) { return c.sendFile("animation") }
func (c *call) sendVoice() (any, *refusal)     { return c.sendFile("voice") }
func (c *call) sendVideoNote() (any, *refusal) { return c.sendFile("video_note") }
func (c *call) sendSticker() (any, *refusal)   { return c.sendFile("sticker") }

// media makes the content of a message with a file: what Telegram tells of it depends on what the file is.
// ref: reference/telegram-bot.md §3, §4
func (c *call) media(kind string, fields object, name string) (object, *refusal) {
	in, r := c.input(fields, name)
	if r != nil {
		return nil, r
	}
	facts := mediaFacts{fields: fields}
	if facts.thumbnail, r = c.thumbnailOf(fields); r != nil {
		return nil, r
	}
	switch kind {
	case "photo":
		return photoContent(in)
	case "live_photo":
		still, r := c.input(fields, "photo")
		if r != nil {
			return nil, r
		}
		return livePhotoContent(in.file, still)
	}
	return fileContent(kind, in.file, facts)
}

// thumbnailOf reads the thumbnail that goes with a file. ref: reference/telegram-bot.md §4
func (c *call) thumbnailOf(fields object) (*file, *refusal) {
	if fields["thumbnail"] == nil && c.uploads["thumbnail"] == nil {
		return nil, nil
	}
	in, r := c.input(fields, "thumbnail")
	if r != nil {
		return nil, r
	}
	if f := in.file; f.Format != "jpeg" || f.Size > 200<<10 || max(f.Width, f.Height) > 320 {
		return nil, bad("wrong thumbnail: a JPEG of at most 200 kB and 320 pixels is needed")
	}
	in.file.Folder = "thumbnails"
	return in.file, nil
}
