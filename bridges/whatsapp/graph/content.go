package graph

import "fmt"

// OutText is written text: at most 4,096 characters, with WhatsApp's own formatting.
type OutText struct {
	Body       string `json:"body"`
	PreviewURL bool   `json:"preview_url,omitempty"` // show a preview of the first address
}

func (OutText) kind() string        { return "text" }
func (t OutText) wire() any         { return t }
func (t OutText) check(p *problems) { p.filled("text.body", t.Body, 4096) }

// MediaRef names a file: by the ID of UploadMedia or by an address that Meta fetches. Exactly one is set.
type MediaRef struct {
	ID   string `json:"id,omitempty"`
	Link string `json:"link,omitempty"`
}

func (r MediaRef) check(p *problems, member string) {
	switch {
	case (r.ID == "") == (r.Link == ""):
		p.invalid(member, "needs either an id or a link")
	case r.Link != "":
		p.webURL(member+".link", r.Link)
	}
}

const captionLimit = 1024

// OutImage is a JPEG or PNG of at most 5 MB.
type OutImage struct {
	MediaRef
	Caption string `json:"caption,omitempty"`
}

func (OutImage) kind() string { return "image" }
func (m OutImage) wire() any  { return m }
func (m OutImage) check(p *problems) {
	m.MediaRef.check(p, "image")
	p.atMost("image.caption", m.Caption, captionLimit)
}

// OutVideo is an MP4 or 3GPP with H.264 and AAC, of at most 16 MB.
type OutVideo struct {
	MediaRef
	Caption string `json:"caption,omitempty"`
}

func (OutVideo) kind() string { return "video" }
func (m OutVideo) wire() any  { return m }
func (m OutVideo) check(p *problems) {
	m.MediaRef.check(p, "video")
	p.atMost("video.caption", m.Caption, captionLimit)
}

// OutAudio is sound of at most 16 MB. Voice shows it as a voice message and needs Ogg with mono Opus.
type OutAudio struct {
	MediaRef
	Voice bool `json:"voice,omitempty"`
}

func (OutAudio) kind() string        { return "audio" }
func (m OutAudio) wire() any         { return m }
func (m OutAudio) check(p *problems) { m.MediaRef.check(p, "audio") }

// OutDocument is a file of at most 100 MB.
type OutDocument struct {
	MediaRef
	Caption  string `json:"caption,omitempty"`
	Filename string `json:"filename,omitempty"` // as the customer sees it; its ending chooses the icon
}

func (OutDocument) kind() string { return "document" }
func (m OutDocument) wire() any  { return m }
func (m OutDocument) check(p *problems) {
	m.MediaRef.check(p, "document")
	p.atMost("document.caption", m.Caption, captionLimit)
}

// OutSticker is a WebP: static at most 100 KB, animated 500 KB.
type OutSticker struct{ MediaRef }

func (OutSticker) kind() string        { return "sticker" }
func (m OutSticker) wire() any         { return m.MediaRef }
func (m OutSticker) check(p *problems) { m.MediaRef.check(p, "sticker") }

// OutLocation is a place, in degrees.
type OutLocation struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

func (OutLocation) kind() string { return "location" }
func (l OutLocation) wire() any  { return l }
func (l OutLocation) check(p *problems) {
	// Written so that NaN fails too.
	if !(l.Latitude >= -90 && l.Latitude <= 90) {
		p.invalid("location.latitude", "is not between -90 and 90")
	}
	if !(l.Longitude >= -180 && l.Longitude <= 180) {
		p.invalid("location.longitude", "is not between -180 and 180")
	}
}

// OutContacts is one or more address cards.
type OutContacts []Card

func (OutContacts) kind() string { return "contacts" }
func (c OutContacts) wire() any  { return []Card(c) }
func (c OutContacts) check(p *problems) {
	if len(c) == 0 {
		p.invalid("contacts", "is empty")
	}
	for i, card := range c {
		member := fmt.Sprintf("contacts[%d].name", i)
		if card.Name == nil || card.Name.FormattedName == "" {
			p.invalid(member+".formatted_name", "is empty")
			continue
		}
		n := card.Name
		if firstOf(n.FirstName, n.LastName, n.MiddleName, n.Prefix, n.Suffix) == "" {
			p.invalid(member, "needs one more part than formatted_name")
		}
	}
}

// OutReaction puts an emoji on a message of the last 30 days that is not itself a reaction. An empty
// Emoji takes it back.
type OutReaction struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

func (OutReaction) kind() string { return "reaction" }
func (r OutReaction) wire() any  { return r }
func (r OutReaction) check(p *problems) {
	if r.MessageID == "" {
		p.invalid("reaction.message_id", "is empty")
	}
}
