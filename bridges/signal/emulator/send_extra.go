package emulator

import (
	"strconv"
	"strings"
)

// parseFiles reads attachment, viewOnce and voiceNote.
func (e *Emulator) parseFiles(_ *business, p params, m *Message) error {
	m.ViewOnce = p.flag("viewOnce")
	var files []File
	for _, uri := range p.texts("attachment") {
		f, err := dataURI(uri)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	for _, f := range files {
		m.Files = append(m.Files, e.media(f, p.flag("voiceNote")))
	}
	return nil
}

// parsePreview reads previewUrl and what belongs to it. Phones show a preview only of a link that is in the text, and
// only with a title. ref: reference/signal-cli.md §3, formats
func (e *Emulator) parsePreview(_ *business, p params, m *Message) error {
	one := Preview{URL: p.textOr("previewUrl"), Title: p.textOr("previewTitle"), Description: p.textOr("previewDescription")}
	if one.URL == "" {
		return nil
	}
	if picture := p.textOr("previewImage"); picture != "" {
		f, err := dataURI(picture)
		if err != nil {
			return err
		}
		image := e.media(f, false)
		one.Image = &image
	}
	if one.Title == "" || !strings.Contains(m.Text, one.URL) {
		e.ignore("preview without a title or of a link that is not in the text")
		return nil
	}
	m.Previews = []Preview{one}
	return nil
}

// parseSticker reads sticker: "packId:stickerId".
func (e *Emulator) parseSticker(_ *business, p params, m *Message) error {
	s := p.text("sticker")
	if s == nil {
		return nil
	}
	pack, number, ok := strings.Cut(*s, ":")
	id, err := strconv.Atoi(number)
	if !ok || err != nil || id < 0 || len(pack) == 0 || len(pack)%2 != 0 || strings.Trim(pack, "0123456789abcdef") != "" {
		return userError("Invalid sticker syntax (" + *s + ") expected 'stickerPackId:stickerId'")
	}
	if _, known := sticker(pack, int64(id)); !known {
		return userError("Failed to send sticker: Sticker not found")
	}
	m.Kind, m.Sticker = "sticker", &Sticker{PackID: pack, StickerID: id}
	return nil
}

// parseStory reads storyTimestamp and storyAuthor.
func (e *Emulator) parseStory(b *business, p params, m *Message) error {
	at := p.number("storyTimestamp")
	if at == nil {
		return nil
	}
	author, err := e.resolveFor(b, p.textOr("storyAuthor"))
	if err != nil {
		return err
	}
	m.Story = &Ref{Author: author.aci, Timestamp: *at}
	return nil
}
