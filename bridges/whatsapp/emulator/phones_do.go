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

// Gestures lists what the Cloud API is told of. There are no polls among it, and nobody sees a customer typing.
func (phones) Gestures() []phone.Offer {
	return []phone.Offer{
		{Kind: phone.Text, Name: "Send"},
		{Kind: phone.SendFile, Name: "Photo, video or document"},
		{Kind: phone.Voice, Name: "Voice message"},
		{Kind: phone.Sticker, Name: "Sticker"},
		{Kind: phone.Location, Name: "Location"},
		{Kind: phone.Contact, Name: "Contact"},
		{Kind: phone.Odd, Name: "Poll (the business cannot see it)"},
		{Kind: phone.React, Name: "React"},
		{Kind: phone.Unreact, Name: "Take the reaction off"},
		{Kind: phone.Edit, Name: "Edit"},
		{Kind: phone.Delete, Name: "Delete for everyone"},
		{Kind: phone.Press, Name: "Press a button"},
		{Kind: phone.Read, Name: "Mark all as read"},
		{Kind: phone.Played, Name: "Mark as listened to"},
		{Kind: phone.Call, Name: "Call the business"},
	}
}

// Do does what a customer can do with WhatsApp on their phone.
func (p phones) Do(_ context.Context, customerID, chatID string, what phone.Gesture) error {
	chat, group, err := p.find(customerID, chatID)
	if err == nil {
		err = p.do(chat, group, what)
	}
	return inWords(what.Kind, err)
}

func (p phones) do(chat *Chat, group string, what phone.Gesture) (err error) {
	var opts []SendOption
	if group != "" {
		opts = append(opts, InGroup(group))
	}
	if what.Message != "" {
		opts = append(opts, ReplyTo(what.Message))
	}
	switch what.Kind {
	case phone.Text:
		_, err = chat.SendText(what.Text, opts...)
	case phone.SendFile, phone.Voice, phone.Sticker:
		err = sendUpload(chat, what, opts)
	case phone.Location:
		_, err = chat.SendLocation(Location{
			Latitude: what.Place.Latitude, Longitude: what.Place.Longitude, Name: what.Place.Name, Address: what.Place.Address,
		}, opts...)
	case phone.Contact:
		err = p.sendContact(chat, what.Text, opts)
	case phone.Edit:
		_, err = chat.Edit(what.Message, what.Text)
	case phone.Delete:
		_, err = chat.Delete(what.Message)
	case phone.React:
		_, err = chat.React(what.Message, what.Text)
	case phone.Unreact:
		_, err = chat.Unreact(what.Message, true)
	case phone.Press:
		_, err = chat.Press(what.Message, strings.Join(what.Choices, ""))
	case phone.Read:
		err = chat.MarkRead("")
	case phone.Played:
		err = chat.MarkPlayed(what.Message)
	case phone.Set:
		err = set(chat, strings.Join(what.Choices, ""), what.On)
	case phone.Call, phone.Odd:
		err = p.outOfGroups(chat, group, what.Kind)
	default:
		err = fmt.Errorf("gesture of the emulator: %w", errs.ErrUnsupported)
	}
	return err
}

func (phones) outOfGroups(chat *Chat, group, kind string) (err error) {
	switch {
	case group != "":
		return errs.Tell(fmt.Errorf("gesture in a group of the emulator: %w", errs.ErrUnsupported), "That works in the chat with the business only, not in a group.")
	case kind == phone.Call:
		_, err = chat.Call()
	default:
		_, err = chat.SendUnsupported("poll")
	}
	return err
}

// sendUpload sends a file as the kind that fits its type.
func sendUpload(chat *Chat, what phone.Gesture, opts []SendOption) (err error) {
	f, err := picked(what)
	if err != nil {
		return err
	}
	family, _, _ := strings.Cut(f.Mime, "/")
	switch {
	case what.Kind == phone.Voice:
		_, err = chat.SendVoice(f, opts...)
	case baseType(f.Mime) == "image/webp":
		_, err = chat.SendSticker(f, opts...)
	case what.Kind == phone.Sticker:
		err = errs.Tell(fmt.Errorf("sticker of the emulator: %w", errs.ErrInvalid), "A sticker is a WebP picture. Pick one, or none for a sample.")
	case family == "image":
		_, err = chat.SendImage(f, opts...)
	case family == "video":
		_, err = chat.SendVideo(f, opts...)
	case family == "audio":
		_, err = chat.SendAudio(f, opts...)
	default:
		_, err = chat.SendDocument(f, opts...)
	}
	return err
}

// picked is the file that the person picked, or else a sample.
func picked(what phone.Gesture) (File, error) {
	if up := what.File; up != nil {
		return File{Data: up.Content, Mime: up.Mime, Name: up.Name, Caption: what.Text}, nil
	}
	name, mimeType := "photo.jpg", "image/jpeg"
	switch what.Kind {
	case phone.Voice:
		name, mimeType = "voice.ogg", "audio/ogg; codecs=opus"
	case phone.Sticker:
		name, mimeType = "sticker.webp", "image/webp"
	}
	data, err := samples.ReadFile("sample/" + name)
	if err != nil {
		return File{}, fmt.Errorf("read the sample: %w", err)
	}
	return File{Data: data, Mime: mimeType, Name: name, Caption: what.Text}, nil
}

// sendContact shares somebody's card, or without a name the customer's own.
func (p phones) sendContact(chat *Chat, name string, opts []SendOption) error {
	card := Contact{Name: name, Phones: []string{"+16505550199"}}
	if name == "" {
		seen, err := p.e.Phone(chat.userID)
		if err != nil {
			return err
		}
		card = Contact{Name: seen.Customer.Name, Phones: []string{"+" + seen.Customer.WaID}}
	}
	_, err := chat.SendContacts([]Contact{card}, opts...)
	return err
}

// set turns one of the settings.
func set(chat *Chat, setting string, on bool) error {
	switch setting {
	case settingReceipts:
		return chat.SetReadReceipts(on)
	case settingOnline:
		return chat.SetOnline(on)
	case settingOffers:
		return chat.SetMarketing(on)
	case settingHidden:
		return chat.locked(func(p *person) error {
			p.HidesNumber = on
			chat.e.touch()
			return nil
		})
	}
	return fmt.Errorf("setting of the emulator: %w", errs.ErrNotFound)
}

// inWords tells a person why WhatsApp did not do it.
func inWords(kind string, err error) error {
	if err == nil || errs.Message(err) != "" {
		return err
	}
	say := ""
	switch {
	case errors.Is(err, errs.ErrForbidden) && (kind == phone.Edit || kind == phone.Delete):
		say = "WhatsApp lets people edit for 15 minutes and delete for two days, and only what they wrote themselves."
	case errors.Is(err, errs.ErrUnsupported) && kind == phone.Edit:
		say = "Only a text or a caption can be edited."
	case errors.Is(err, errs.ErrTooLarge):
		say = fmt.Sprintf("That file is too large: WhatsApp takes at most %d MB.", maxUpload/mib)
	case errors.Is(err, errs.ErrNotFound):
		say = "That is not on this phone any more."
	default:
		return err
	}
	return errs.Tell(err, say)
}
