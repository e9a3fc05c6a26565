package emulator

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Gestures lists what can be done on a phone.
func (n phones) Gestures() []phone.Offer {
	return []phone.Offer{
		{Kind: phone.Text, Name: "Send"},
		{Kind: phone.SendFile, Name: "Send a file"},
		{Kind: phone.Voice, Name: "Send a voice message"},
		{Kind: phone.Sticker, Name: "Send a sticker"},
		{Kind: phone.Contact, Name: "Share a contact"},
		{Kind: phone.PollStart, Name: "Ask a question"},
		{Kind: phone.Vote, Name: "Vote"},
		{Kind: phone.React, Name: "React"},
		{Kind: phone.Unreact, Name: "Take the reaction back"},
		{Kind: phone.Edit, Name: "Edit"},
		{Kind: phone.Delete, Name: "Delete for everyone"},
		{Kind: phone.Read, Name: "Read all"},
		{Kind: phone.Typing, Name: "Type"},
		{Kind: phone.Call, Name: "Call"},
		{Kind: phone.Odd, Name: "Send something that cannot be decrypted"},
		{Kind: phone.Set, Name: "Change a setting"},
	}
}

// Do does what a person does on a phone.
func (n phones) Do(_ context.Context, id, chatID string, what phone.Gesture) error {
	e := n.e
	e.mu.Lock()
	who, t := e.st.party(id), e.st.Threads[chatID]
	var ref Ref
	if t != nil {
		ref = refOf(what.Message)
	}
	e.mu.Unlock()
	if who == nil || t == nil {
		return fmt.Errorf("chat of the emulator: %w", errs.ErrNotFound)
	}
	if what.Kind == phone.Set {
		return e.set(who, t, what)
	}
	c := &Chat{e: e, actor: who.aci, key: t.Key}
	if strings.Contains("|"+phone.Text+"|"+phone.SendFile+"|"+phone.Voice+"|"+phone.Sticker+"|"+phone.Contact+"|"+phone.PollStart+"|", "|"+what.Kind+"|") {
		return c.gestureSend(what, ref)
	}
	return c.gesture(what, ref)
}

// refOf reads a message's ID as the page knows it.
func refOf(id string) Ref {
	id, _, _ = strings.Cut(id, "#")
	author, at, _ := strings.Cut(id, ":")
	timestamp, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return Ref{}
	}
	return Ref{Author: author, Timestamp: timestamp}
}

// gestureSend does what makes a message.
func (c *Chat) gestureSend(what phone.Gesture, ref Ref) (err error) {
	var opts []SendOption
	if what.Message != "" {
		opts = append(opts, ReplyTo(ref))
	}
	text, styles := marked(strings.TrimSpace(what.Text))
	if len(styles) > 0 {
		opts = append(opts, WithStyles(styles...))
	}
	switch what.Kind {
	case phone.Text:
		_, err = c.SendText(text, opts...)
	case phone.SendFile:
		f := Sample("photo.jpg")
		if what.File != nil {
			f = uploaded(what.File)
		}
		_, err = c.SendFiles(text, []File{f}, opts...)
	case phone.Voice:
		f := Sample("voice.aac")
		if what.File != nil {
			f = uploaded(what.File)
		}
		_, err = c.SendVoice(f, opts...)
	case phone.Sticker:
		_, err = c.SendSticker(0, opts...)
	case phone.Contact:
		_, err = c.SendContact(c.ownCard(text), opts...)
	case phone.PollStart:
		_, err = c.SendPoll(text, what.Choices, false, opts...)
	}
	return err
}

// gesture does what makes no message.
func (c *Chat) gesture(what phone.Gesture, ref Ref) (err error) {
	switch what.Kind {
	case phone.Vote:
		var chosen []int
		for _, s := range what.Choices {
			index, err := strconv.Atoi(s)
			if err != nil {
				return invalid("There is no such option.")
			}
			chosen = append(chosen, index)
		}
		err = c.Vote(ref, chosen...)
	case phone.React:
		err = c.React(ref, strings.TrimSpace(what.Text))
	case phone.Unreact:
		err = c.Unreact(ref)
	case phone.Edit:
		text, styles := marked(strings.TrimSpace(what.Text))
		_, err = c.Edit(ref, text, WithStyles(styles...))
	case phone.Delete:
		err = c.Delete(ref)
	case phone.Read:
		err = c.ReadAll()
	case phone.Typing:
		err = c.Typing(what.On)
	case phone.Call:
		err = c.Call(false)
	case phone.Odd:
		_, err = c.SendUndecryptable(false)
	default:
		err = errs.Tell(fmt.Errorf("gesture on an emulated phone: %w", errs.ErrUnsupported), "Signal has no such thing.")
	}
	return err
}

func uploaded(u *phone.Upload) File {
	f := File{Data: u.Content, Name: u.Name, Mime: u.Mime}
	if f.Mime == "" || f.Mime == "application/octet-stream" {
		f.Mime = http.DetectContentType(u.Content)
	}
	return f
}

// ownCard is the person's own contact, or that of somebody with the name.
func (c *Chat) ownCard(name string) Card {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	me := c.e.known(c.actor)
	if name != "" {
		given, family := splitName(name)
		return Card{Given: given, Family: family, Phones: []string{"+49301234567"}}
	}
	return Card{Given: me.given, Family: me.family, Phones: []string{me.number}}
}

// marked reads the marks that people type on the page, since it has no menu for styles: **bold**, _italic_, ~~struck~~,
// ||spoiler|| and `mono`.
func marked(text string) (string, []Style) {
	var found []Style
	for _, mark := range []struct{ sign, name string }{
		{"**", "BOLD"}, {"~~", "STRIKETHROUGH"}, {"||", "SPOILER"}, {"`", "MONOSPACE"}, {"_", "ITALIC"},
	} {
		for {
			before, rest, ok := strings.Cut(text, mark.sign)
			inside, after, closed := strings.Cut(rest, mark.sign)
			if !ok || !closed || inside == "" {
				break
			}
			start, length, width := units(before), units(inside), units(mark.sign)
			for i := range found {
				found[i] = found[i].without(start, length, width)
			}
			found = append(found, Style{Start: start, Length: length, Name: mark.name})
			text = before + inside + after
		}
	}
	return text, found
}

// without is a style after two signs of a width were taken out of the text, around a part of it.
func (s Style) without(start, length, width int) Style {
	end := s.Start + s.Length
	move := func(at int) int {
		if at > start+width+length {
			return at - 2*width
		} else if at > start {
			return at - width
		}
		return at
	}
	s.Start = move(s.Start)
	s.Length = move(end) - s.Start
	return s
}
