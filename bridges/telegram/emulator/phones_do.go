package emulator

import (
	"context"
	"fmt"
	"strconv"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Gestures implements phone.Network.
func (phones) Gestures() []phone.Offer {
	return []phone.Offer{
		{Kind: phone.Text, Name: "Write"}, {Kind: phone.SendFile, Name: "Send a file"},
		{Kind: phone.Voice, Name: "Send a voice message"}, {Kind: phone.Sticker, Name: "Send a sticker"},
		{Kind: phone.Location, Name: "Share a place"}, {Kind: phone.Contact, Name: "Share a contact"},
		{Kind: phone.PollStart, Name: "Start a poll"}, {Kind: phone.Vote, Name: "Vote"},
		{Kind: phone.React, Name: "React"}, {Kind: phone.Unreact, Name: "Take the reaction back"},
		{Kind: phone.Edit, Name: "Edit"}, {Kind: phone.Delete, Name: "Delete"}, {Kind: phone.Press, Name: "Press a button"},
		{Kind: phone.Read, Name: "Mark as read"},
		{Kind: phone.Odd, Name: "Send something that the business cannot be shown"}, {Kind: phone.Set, Name: "Settings"},
	}
}

// Do implements phone.Network. Nothing in it waits.
func (p phones) Do(_ context.Context, customerID, chatID string, g phone.Gesture) error {
	shown, err := p.view(customerID)
	if err != nil {
		return err
	}
	if _, ok := shown.Chat(chatID); !ok {
		return fmt.Errorf("chat on a phone: %w", errs.ErrNotFound)
	}
	c := &Chat{e: p.e, user: shown.Customer.ID, key: chatID}
	if g.Kind == phone.Set {
		return inWords(p.set(c, g))
	}
	if g.Message != "" && g.Kind != phone.Text && g.Kind != phone.SendFile {
		return inWords(c.onMessage(g))
	}
	return inWords(c.write(g))
}

// inWords tells people why something could not be done.
func inWords(err error) error {
	if err == nil || errs.Message(err) != "" {
		return err
	}
	return errs.Tell(err, "Telegram does not let you do that here: "+err.Error()+".")
}

// write sends something new.
func (c *Chat) write(g phone.Gesture) (err error) {
	var options []Option
	if g.Message != "" {
		id, err := strconv.ParseInt(g.Message, 10, 64)
		if err != nil {
			return fmt.Errorf("message on a phone: %w", errs.ErrNotFound)
		}
		options = append(options, ReplyTo(id))
	}
	switch g.Kind {
	case phone.Text:
		_, err = c.SendText(g.Text, options...)
	case phone.SendFile:
		err = c.sendUpload(g, options)
	case phone.Voice:
		_, err = c.SendFile(Voice, uploaded(g.File), options...)
	case phone.Sticker:
		if g.File != nil {
			_, err = c.SendFile(Sticker, uploaded(g.File), options...)
			return err
		}
		_, err = c.SendSticker(firstOf(g.Text, "static"), options...)
	case phone.Location:
		place := Place{Latitude: 52.5163, Longitude: 13.3777}
		if g.Place != nil {
			place = Place{Latitude: g.Place.Latitude, Longitude: g.Place.Longitude, Name: g.Place.Name, Address: g.Place.Address}
		}
		_, err = c.SendLocation(place, options...)
	case phone.Contact:
		if g.Text == "" {
			_, err = c.ShareContact()
			return err
		}
		_, err = c.SendContact("+16505550100", g.Text, "", 0, options...)
	case phone.PollStart:
		_, err = c.SendPoll(Ask{Question: g.Text, Options: g.Choices, Multiple: g.On}, options...)
	case phone.Read:
		err = c.MarkRead()
	case phone.Odd:
		_, err = c.SendOdd()
	default:
		return errs.Tell(fmt.Errorf("gesture %q: %w", g.Kind, errs.ErrUnsupported), "Telegram has nothing like that.")
	}
	return err
}

// sendUpload sends a picked file as what it is: a picture, a film, a sound or a document.
func (c *Chat) sendUpload(g phone.Gesture, options []Option) error {
	if g.Text != "" {
		options = append(options, Caption(g.Text))
	}
	if g.File == nil {
		_, err := c.SendFile(Photo, File{}, options...)
		return err
	}
	kind := Document
	switch g.File.Mime {
	case "image/jpeg", "image/png", "image/webp":
		kind = Photo
	case "image/gif":
		kind = Animation
	case "video/mp4":
		kind = Video
	case "audio/mpeg", "audio/mp4", "audio/ogg":
		kind = Audio
	}
	_, err := c.SendFile(kind, uploaded(g.File), options...)
	return err
}

func uploaded(u *phone.Upload) File {
	if u == nil {
		return File{}
	}
	return File{Data: u.Content, Name: u.Name, Mime: u.Mime}
}

// onMessage does something with a message that is there.
func (c *Chat) onMessage(g phone.Gesture) error {
	id, err := strconv.ParseInt(g.Message, 10, 64)
	if err != nil {
		return fmt.Errorf("message on a phone: %w", errs.ErrNotFound)
	}
	switch g.Kind {
	case phone.Vote:
		var chosen []int
		for _, text := range g.Choices {
			i, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("vote in a poll: no such option: %w", errs.ErrInvalid)
			}
			chosen = append(chosen, i)
		}
		return c.Vote(id, chosen...)
	case phone.React:
		return c.React(id, g.Text)
	case phone.Unreact:
		return c.Unreact(id)
	case phone.Edit:
		return c.Edit(id, g.Text)
	case phone.Delete:
		return c.Delete(id)
	case phone.Press:
		if len(g.Choices) != 1 {
			return fmt.Errorf("press a button: one is needed: %w", errs.ErrInvalid)
		}
		_, err = c.Press(id, g.Choices[0])
		return err
	}
	return c.write(g)
}

// set turns a switch of a chat.
func (p phones) set(c *Chat, g phone.Gesture) error {
	if len(g.Choices) != 1 {
		return fmt.Errorf("setting on a phone: one is needed: %w", errs.ErrInvalid)
	}
	switch g.Choices[0] {
	case setBlocked:
		return c.setBlocked(g.On)
	case setConnected:
		return p.connect(c, g.On)
	case setAdmin:
		for _, b := range p.e.Bots() {
			if v := c.View(); v.Kind == kindPrivate || v.Kind == kindBusiness {
				break
			}
			if err := c.setBotAdmin(b.ID(), g.On); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("setting on a phone: %w", errs.ErrNotFound)
}

// connect connects the bot of a private chat to the person's business account, or ends that.
func (p phones) connect(c *Chat, on bool) error {
	p.e.mu.Lock()
	bot := c.here().Bot
	p.e.mu.Unlock()
	if on {
		_, err := p.e.Connect(c.user, bot)
		return err
	}
	return p.e.Disconnect(p.e.connected(c.key))
}

func (c *Chat) setBotAdmin(bot int64, admin bool) error {
	return c.inGroup(func(one *chat) {
		if one.has(bot) {
			c.e.setStatus(one, c.user, bot, map[bool]string{true: statusAdmin, false: statusMember}[admin])
		}
	})
}
