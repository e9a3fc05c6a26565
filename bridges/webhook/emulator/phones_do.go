package emulator

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// samples are what a customer sends who picks no file of their own.
//
//go:embed sample
var samples embed.FS

// Gestures implements phone.Network.
func (phones) Gestures() []phone.Offer {
	return []phone.Offer{
		{Kind: phone.Text, Name: "Send"},
		{Kind: phone.SendFile, Name: "Photo, video or document"},
		{Kind: phone.Voice, Name: "Voice message"},
		{Kind: phone.Sticker, Name: "Sticker"},
		{Kind: phone.Location, Name: "Location"},
		{Kind: phone.Contact, Name: "Contact"},
		{Kind: phone.Odd, Name: "Something new (Puente does not know it)"},
		{Kind: phone.React, Name: "React"},
		{Kind: phone.Unreact, Name: "Take the reaction off"},
		{Kind: phone.Edit, Name: "Edit"},
		{Kind: phone.Delete, Name: "Delete"},
		{Kind: phone.Press, Name: "Press a button"},
		{Kind: phone.Typing, Name: "Type"},
		{Kind: phone.Read, Name: "Mark all as read"},
		{Kind: phone.Set, Name: "Settings"},
	}
}

// Do does what a customer can do with the widget.
func (p phones) Do(_ context.Context, customerID, chatID string, what phone.Gesture) error {
	chat, err := p.e.Chat(customerID, chatID)
	if err == nil {
		err = p.do(chat, what)
	}
	switch {
	case err == nil || errs.Message(err) != "":
		return err
	case errors.Is(err, errs.ErrNotFound):
		return errs.Tell(err, "That message is not there any more.")
	case errors.Is(err, errs.ErrForbidden):
		return errs.Tell(err, "Only your own texts can be changed.")
	}
	return err
}

func (p phones) do(chat *Chat, what phone.Gesture) (err error) {
	switch what.Kind {
	case phone.Text:
		_, err = chat.Say(what.Text, "", what.Message)
	case phone.SendFile, phone.Voice, phone.Sticker:
		err = sendPicked(chat, what)
	case phone.Location:
		_, err = chat.SendLocation(Location(*what.Place))
	case phone.Contact:
		card := Contact{Name: what.Text, Phone: "+34600111222"}
		if card.Name == "" {
			card.Name = "Luis Gil"
		}
		_, err = chat.SendContact(card)
	case phone.Odd:
		_, err = chat.SendOdd()
	case phone.React:
		err = chat.React(what.Message, what.Text)
	case phone.Unreact:
		err = chat.React(what.Message, "")
	case phone.Edit:
		err = chat.Edit(what.Message, what.Text, "")
	case phone.Delete:
		err = chat.Delete(what.Message)
	case phone.Press:
		_, err = chat.Press(what.Message, strings.Join(what.Choices, ""))
	case phone.Typing:
		err = chat.Type(what.On)
	case phone.Read:
		err = chat.readAll()
	case phone.Set:
		err = p.setQuiet(chat.customerID, !what.On)
	default:
		return errs.Tell(fmt.Errorf("gesture %q: %w", what.Kind, errs.ErrUnsupported), "The widget cannot do that.")
	}
	return err
}

// readAll reads everything that the business sent.
func (c *Chat) readAll() error {
	last := ""
	c.e.mu.Lock()
	if in, err := c.e.st.chatOf(c.customerID, c.chatID); err == nil {
		for _, m := range in.Messages {
			if m.FromBusiness {
				last = m.ID
			}
		}
	}
	c.e.mu.Unlock()
	if last == "" {
		return nil
	}
	return c.Read(last)
}

// setQuiet switches a customer's marks of reading off or on.
func (p phones) setQuiet(customerID string, quiet bool) error {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	who, err := p.e.st.person(customerID)
	if err != nil {
		return err
	}
	who.Quiet = quiet
	p.e.touch()
	return nil
}

// sendPicked sends the file that the person picked, or a sample.
func sendPicked(chat *Chat, what phone.Gesture) error {
	upload := Upload{Kind: "image", Mime: "image/jpeg", Name: "photo.jpg"}
	switch what.Kind {
	case phone.Voice:
		upload = Upload{Kind: "voice", Mime: "audio/ogg", Name: "voice.ogg"}
	case phone.Sticker:
		upload = Upload{Kind: "sticker", Mime: "image/webp", Name: "sticker.webp"}
	}
	if what.File == nil {
		data, err := samples.ReadFile("sample/" + upload.Name)
		if err != nil {
			return fmt.Errorf("read a sample: %w", err)
		}
		upload.Data = data
	} else {
		upload.Mime, upload.Name, upload.Data = what.File.Mime, what.File.Name, what.File.Content
		if what.Kind == phone.SendFile {
			upload.Kind = kindOf(what.File.Mime)
		}
	}
	_, err := chat.SendFiles(what.Text, "", what.Message, upload)
	return err
}

// kindOf is what a file of a type is sent as.
func kindOf(mime string) string {
	switch family, _, _ := strings.Cut(mime, "/"); family {
	case "image", "video", "audio":
		return family
	}
	return "file"
}
