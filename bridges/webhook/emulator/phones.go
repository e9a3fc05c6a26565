package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/bridges/bridgekit/richtext"
	"puente/core/base/errs"
)

// Phones is the emulator as the phone page shows it: one chat with the business, and the groups.
func (e *Emulator) Phones() phone.Network { return phones{e} }

// phones implements phone.Network.
type phones struct{ e *Emulator }

// ID implements phone.Network.
func (phones) ID() string { return "webhook" }

// Name implements phone.Network.
func (p phones) Name() string { return p.e.opt.Name }

// Look implements phone.Looker.
func (phones) Look() phone.Look {
	return phone.Look{Colour: "#5b4bd6", Address: "customer-1234, the shop's own ID"}
}

// Changed implements phone.Network.
func (p phones) Changed() <-chan struct{} {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	return p.e.changed
}

// Failures implements phone.Network.
func (phones) Failures() []phone.Failure { return emulation.Failures(MagicEndings()) }

// Customers implements phone.Network.
func (p phones) Customers() []phone.Customer {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	var out []phone.Customer
	for _, one := range p.e.st.People {
		out = append(out, phone.Customer{ID: one.ID, Name: one.Name, Address: one.ID})
	}
	return out
}

var customerID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,60}$`)

// AddCustomer takes the ID that the shop knows the customer by.
func (p phones) AddCustomer(_ context.Context, name, address string) (phone.Customer, error) {
	if name == "" || (address != "" && !customerID.MatchString(address)) {
		return phone.Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: %w", errs.ErrInvalid),
			"A customer needs a name, and an ID of letters and digits such as customer-1234.")
	}
	made, err := p.e.AddCustomer(Customer{ID: address, Name: name})
	if errors.Is(err, errs.ErrConflict) {
		err = errs.Tell(err, "Somebody has that ID already.")
	}
	return phone.Customer{ID: made.ID, Name: made.Name, Address: made.ID}, err
}

// Chats lists the customer's own chat with the business and then the groups.
func (p phones) Chats(customerID string) ([]phone.Chat, error) {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	who, err := p.e.st.person(customerID)
	if err != nil {
		return nil, err
	}
	now := p.e.clock.Now()
	var out []phone.Chat
	for _, c := range p.e.st.Chats {
		if !slices.Contains(c.Members, customerID) {
			continue
		}
		shown := phone.Chat{
			ID: c.ID, Name: p.e.opt.Name, Group: c.group(), Typing: c.Typing.After(now),
			Settings: []phone.Setting{{ID: "receipts", Name: "Read receipts", On: !who.Quiet}},
		}
		if c.group() {
			shown.Name, shown.Note = c.Name, fmt.Sprintf("%d customers", len(c.Members))
		}
		for _, m := range c.Messages {
			if m.FromBusiness && m.Status != "read" && !m.Deleted {
				shown.Unread++
			}
		}
		out = append(out, shown)
	}
	return out, nil
}

// Messages lists what the customer sees in a chat.
func (p phones) Messages(customerID, chatID string) ([]phone.Message, error) {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	in, err := p.e.st.chatOf(customerID, chatID)
	if err != nil {
		return nil, err
	}
	out := make([]phone.Message, 0, len(in.Messages))
	for _, m := range in.Messages {
		out = append(out, p.message(m, customerID))
	}
	return out, nil
}

// message is a message as the page shows it. The caller holds mu.
func (p phones) message(m *Message, customerID string) phone.Message {
	mine := m.Author == customerID
	text, html := safe(m.Text, m.HTML)
	out := phone.Message{
		ID: m.ID, Mine: mine, At: m.At, Text: text, HTML: html, Quote: m.ReplyTo, Edited: m.Edited, Deleted: m.Deleted,
		CanEdit: mine && !m.Deleted && m.File == nil && m.Text != "", CanDelete: mine && !m.Deleted,
	}
	if mine {
		out.State = m.Status
	} else if who, err := p.e.st.person(m.Author); err == nil {
		out.From = who.Name
	}
	if m.Odd != "" {
		out.Text = "(" + m.Odd + ")"
	}
	if f := m.File; f != nil {
		out.File = &phone.File{ID: f.ID, Kind: f.Kind, Mime: f.Mime, Name: f.Name, Size: f.Size}
	}
	if l := m.Location; l != nil {
		out.Place = &phone.Place{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Address: l.Address}
	}
	if c := m.Contact; c != nil {
		out.Cards = []phone.Card{{Name: c.Name, Lines: slices.DeleteFunc([]string{c.Phone, c.Email}, func(s string) bool { return s == "" })}}
	}
	if c := m.Choices; c != nil {
		out.Header, out.Footer, out.List = c.Header, c.Footer, c.Open
		for _, one := range c.List {
			out.Buttons = append(out.Buttons, phone.Button{ID: one.ID, Text: one.Title, Description: one.Description, Pressed: m.Chosen == one.ID})
		}
	}
	for _, r := range m.Reactions {
		out.Reactions = append(out.Reactions, r.Emoji)
	}
	return out
}

// safe is a text as a browser may show it, whatever HTML came with it.
func safe(text, html string) (string, template.HTML) {
	if html == "" {
		return text, ""
	}
	all := map[richtext.Style]bool{}
	for _, style := range []richtext.Style{
		richtext.Bold, richtext.Italic, richtext.Underline, richtext.Strike, richtext.Spoiler, richtext.Code, richtext.Pre, richtext.Quote, richtext.Link,
	} {
		all[style] = true
	}
	plain, formatted := richtext.FromMatrix(text, html, richtext.Dialect{Styles: all, NestCode: true, Schemes: []string{"http", "https", "mailto"}}).ToMatrix(nil)
	return plain, template.HTML(formatted) // #nosec G203 -- made by richtext, of a fixed set of tags
}

// Open opens a file that a message of the customer's shows.
func (p phones) Open(customerID, fileID string) (io.ReadSeekCloser, phone.File, error) {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	for _, c := range p.e.st.Chats {
		if !slices.Contains(c.Members, customerID) {
			continue
		}
		for _, m := range c.Messages {
			if kept := p.e.st.Files[fileID]; kept != nil && m.File != nil && m.File.ID == fileID {
				return reader{bytes.NewReader(kept.Data)}, phone.File{
					ID: fileID, Kind: m.File.Kind, Mime: m.File.Mime, Name: m.File.Name, Size: m.File.Size,
				}, nil
			}
		}
	}
	return nil, phone.File{}, fmt.Errorf("file of an emulated customer: %w", errs.ErrNotFound)
}

// reader is a file in memory.
type reader struct{ *bytes.Reader }

// Close implements io.Closer.
func (reader) Close() error { return nil }
