package emulator

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"puente/core/base/errs"
)

// SendOption adds something to a customer's message.
type SendOption func(*sending)

// sending is a customer's message while it is put together.
type sending struct {
	context  object
	referral object
	group    string
	quote    string
	forward  bool
}

func (s *sending) inContext() object {
	if s.context == nil {
		s.context = object{}
	}
	return s.context
}

// ReplyTo makes a message an answer to another.
func ReplyTo(wamid string) SendOption { return func(s *sending) { s.quote = wamid } }

// Forwarded marks a message as forwarded, often: many times over.
func Forwarded(often bool) SendOption {
	return func(s *sending) {
		s.forward = true
		if often {
			s.inContext()["frequently_forwarded"] = true
			return
		}
		s.inContext()["forwarded"] = true
	}
}

// AboutProduct makes a message a question about a product of the catalogue.
func AboutProduct(catalogID, productID string) SendOption {
	return func(s *sending) {
		s.inContext()["referred_product"] = object{"catalog_id": catalogID, "product_retailer_id": productID}
	}
}

// Referral is the advertisement or post that a customer came from.
type Referral struct {
	SourceURL, SourceID, SourceType string // SourceType: ad or post
	Headline, Body, MediaType       string // MediaType: image or video
	ImageURL, ClickID, Welcome      string
}

// WithReferral says that a message comes from a click on an advertisement.
func WithReferral(r Referral) SendOption {
	return func(s *sending) {
		s.referral = object{
			"source_url": r.SourceURL, "source_id": r.SourceID, "source_type": r.SourceType,
			"headline": r.Headline, "body": r.Body, "media_type": r.MediaType, "image_url": r.ImageURL,
			"ctwa_clid": r.ClickID,
		}
		if r.Welcome != "" {
			s.referral["welcome_message"] = object{"text": r.Welcome}
		}
	}
}

// InGroup sends a message into a group instead.
func InGroup(groupID string) SendOption { return func(s *sending) { s.group = groupID } }

// File is a file that a customer sends.
type File struct {
	Data    []byte
	Mime    string
	Name    string // of documents
	Caption string // of images, videos and documents
}

// SendText sends a text.
func (c *Chat) SendText(text string, opts ...SendOption) (wamid string, err error) {
	return c.send(&Message{Kind: "text", Text: text}, object{"body": text}, opts)
}

// Reply answers a message with a text.
func (c *Chat) Reply(wamid, text string) (string, error) { return c.SendText(text, ReplyTo(wamid)) }

// SendImage sends a picture.
func (c *Chat) SendImage(f File, opts ...SendOption) (string, error) {
	return c.sendFile("image", f, false, opts)
}

// SendVideo sends a video.
func (c *Chat) SendVideo(f File, opts ...SendOption) (string, error) {
	return c.sendFile("video", f, false, opts)
}

// SendAudio sends a sound file.
func (c *Chat) SendAudio(f File, opts ...SendOption) (string, error) {
	return c.sendFile("audio", f, false, opts)
}

// SendVoice sends a voice message; Mime is normally "audio/ogg; codecs=opus".
func (c *Chat) SendVoice(f File, opts ...SendOption) (string, error) {
	return c.sendFile("audio", f, true, opts)
}

// SendDocument sends a document.
func (c *Chat) SendDocument(f File, opts ...SendOption) (string, error) {
	return c.sendFile("document", f, false, opts)
}

// SendSticker sends a WebP sticker; whether it is animated is read from the file.
func (c *Chat) SendSticker(f File, opts ...SendOption) (string, error) {
	f.Mime = "image/webp"
	return c.sendFile("sticker", f, false, opts)
}

// sendFile stores a file and sends it. ref: reference/whatsapp-cloud.md §4.1, §4.2
func (c *Chat) sendFile(kind string, f File, voice bool, opts []SendOption) (string, error) {
	file, err := c.e.keep(f, c.number)
	if err != nil {
		return "", err
	}
	c.e.mu.Lock()
	content := c.e.mediaContent(file)
	c.e.mu.Unlock()
	if f.Caption != "" {
		content["caption"] = f.Caption
	}
	m := &Message{Kind: kind, Text: f.Caption, Media: &Media{
		ID: file.ID, Kind: kind, Mime: f.Mime, SHA256: file.SHA256, Size: file.Size, Name: f.Name, Voice: voice, Animated: file.Animated,
	}}
	switch kind {
	case "audio":
		content["voice"] = voice
	case "sticker":
		content["animated"] = file.Animated
	case "document":
		if f.Name != "" {
			content["filename"] = f.Name
		}
	}
	return c.send(m, content, opts)
}

// keep stores a file that comes from the customers' side.
func (e *Emulator) keep(f File, n Number) (*mediaFile, error) {
	if len(f.Data) == 0 || f.Mime == "" {
		return nil, fmt.Errorf("send a file as a customer: data and MIME type are needed: %w", errs.ErrInvalid)
	}
	file, _, err := e.storeMedia(bytes.NewReader(f.Data), maxUpload)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	file.Mime, file.Name, file.Number = f.Mime, f.Name, n.PhoneNumberID
	file.Expires = e.clock.Now().Add(mediaLifeIn)
	e.st.Media[file.ID] = file
	return file, nil
}

// mediaContent is what a webhook tells of a file. The caller holds mu.
func (e *Emulator) mediaContent(f *mediaFile) object {
	sum, _ := hex.DecodeString(f.SHA256) // our own hex
	return object{
		"id": f.ID, "mime_type": f.Mime, "url": e.mediaURL(f, nil),
		"sha256": base64.StdEncoding.EncodeToString(sum), // base64 here, hex in the Graph answer
	}
}

// SendTooLarge sends a file that WhatsApp does not pass on because of its size (131052).
func (c *Chat) SendTooLarge() (string, error) {
	return c.sendUnsupported("", refuse(131052, "Media file size too big. Max file size we currently support: 100MB."))
}

// SendLocation shares a place.
func (c *Chat) SendLocation(l Location, opts ...SendOption) (string, error) {
	content := object{"latitude": l.Latitude, "longitude": l.Longitude}
	if l.Name != "" {
		content["name"] = l.Name
	}
	if l.Address != "" {
		content["address"] = l.Address
	}
	return c.send(&Message{Kind: "location", Location: &l}, content, opts)
}

// SendContacts shares cards of the address book.
func (c *Chat) SendContacts(cards []Contact, opts ...SendOption) (string, error) {
	var content []any
	for _, card := range cards {
		content = append(content, card.wire())
	}
	return c.send(&Message{Kind: "contacts", Contacts: cards}, content, opts)
}

func (card Contact) wire() object {
	out := object{"name": object{"formatted_name": card.Name, "first_name": card.Name}}
	var phones, emails []any
	for _, phone := range card.Phones {
		phones = append(phones, object{"phone": phone, "wa_id": onlyDigits(phone), "type": "CELL"})
	}
	for _, email := range card.Emails {
		emails = append(emails, object{"email": email, "type": "HOME"})
	}
	if phones != nil {
		out["phones"] = phones
	}
	if emails != nil {
		out["emails"] = emails
	}
	if card.Org != "" {
		out["org"] = object{"company": card.Org}
	}
	return out
}

// send puts a customer's message on the phone and into a webhook. It opens the 24-hour window.
func (c *Chat) send(m *Message, content any, opts []SendOption) (wamid string, err error) {
	var s sending
	for _, opt := range opts {
		opt(&s)
	}
	err = c.locked(func(p *person) error {
		to, err := c.prepare(m, &s, p)
		if err != nil {
			return err
		}
		message := c.e.inbound(p, c.number, m.ID, m.Kind, content)
		if m.GroupID != "" {
			message["group_id"] = m.GroupID
		}
		if s.context != nil {
			message["context"] = s.context
		}
		if s.referral != nil {
			message["referral"] = s.referral
		}
		c.e.add(m, to)
		c.reach(m, c.e.messageUpdate(p, c.number, message))
		return nil
	})
	return m.ID, err
}

// prepare gives a message its ID, author, place and quote. The caller holds mu.
func (c *Chat) prepare(m *Message, s *sending, p *person) (party, error) {
	m.ID, m.Author, m.Number, m.At = newWamid(p.WaID), p.UserID, c.number.PhoneNumberID, c.e.clock.Now()
	m.Status, m.Forwarded = Sent, s.forward
	to := party{person: p}
	if s.group != "" {
		g := c.e.st.group(s.group)
		if g == nil || !g.member(p.UserID) {
			return party{}, fmt.Errorf("group of the emulator: %w", errs.ErrNotFound)
		}
		to, m.GroupID = party{group: g}, g.ID
	}
	if s.quote != "" {
		quoted, err := c.message(s.quote)
		if err != nil {
			return party{}, err
		}
		m.Quote = quoted.ID
		s.inContext()["id"] = quoted.ID
		if quoted.FromBusiness {
			s.inContext()["from"] = c.number.digits()
		} else if author := c.e.st.person(quoted.Author); author != nil && c.e.showsNumber(author, m.Number) {
			s.inContext()["from"] = author.WaID
		}
	}
	return to, nil
}

// reach lets what a customer does reach the business, unless the business has blocked them. The caller holds mu.
func (c *Chat) reach(m *Message, u *update) {
	if c.e.blocked(c.userID, c.number) {
		c.e.touch()
		return
	}
	if m != nil {
		m.Status = Delivered
	}
	c.e.st.chat(c.userID, c.number.PhoneNumberID).LastInbound = c.e.clock.Now()
	c.e.enqueue(u)
}
