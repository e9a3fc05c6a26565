package emulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// phones shows the emulator on the shared phone page: the customers first, then the business's own phones.
type phones struct{ e *Emulator }

var _ phone.Network = phones{}

// Network returns the emulated phones for the shared phone page.
func (e *Emulator) Network() phone.Network { return phones{e} }

// ID is the name in paths.
func (n phones) ID() string { return "signal" }

// Name is what people read.
func (n phones) Name() string { return "Signal" }

// Changed returns a channel that is closed at the next change.
func (n phones) Changed() <-chan struct{} { return n.e.Changed() }

// Customers lists the customers, the oldest first, and behind them the phones of the business itself.
func (n phones) Customers() []phone.Customer {
	e := n.e
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []phone.Customer
	for _, p := range e.st.People {
		out = append(out, phone.Customer{ID: p.ACI, Name: p.Name, Address: p.Number})
	}
	for _, b := range e.st.Accounts {
		if b.HasPhone {
			out = append(out, phone.Customer{ID: b.ACI, Name: b.title() + " (own phone)", Address: b.Number})
		}
	}
	return out
}

// title is what people call an account.
func (b *business) title() string {
	if name := joinName(b.Given, b.Family); name != "" {
		return name
	}
	return b.Number
}

// AddCustomer makes a new customer; the address is a phone number or a username.
func (n phones) AddCustomer(_ context.Context, name, address string) (phone.Customer, error) {
	c := Customer{Name: strings.TrimSpace(name)}
	address = strings.TrimPrefix(strings.TrimSpace(address), "@")
	if userForm.MatchString(address) {
		c.Username = address
	} else {
		c.Number = strings.NewReplacer(" ", "", "-", "", "/", "", "(", "", ")", "").Replace(address)
	}
	added, err := n.e.AddCustomer(c)
	if err != nil {
		return phone.Customer{}, err
	}
	return phone.Customer{ID: added.ACI, Name: added.Name, Address: added.Number}, nil
}

// Failures lists the endings of phone numbers that make sending fail.
func (n phones) Failures() []phone.Failure {
	return emulation.Failures(MagicNumbers())
}

// Chats lists the chats on somebody's phone.
func (n phones) Chats(id string) ([]phone.Chat, error) {
	e := n.e
	e.mu.Lock()
	defer e.mu.Unlock()
	who := e.st.party(id)
	if who == nil {
		return nil, fmt.Errorf("phone of the emulator: %w", errs.ErrNotFound)
	}
	var out []phone.Chat
	for _, with := range e.partners(who) {
		t := e.st.direct(who.aci, with.aci)
		name := with.name()
		if with.aci == who.aci {
			name = "Notes to self"
		} else if with.business != nil {
			name = with.business.title()
		}
		out = append(out, phone.Chat{
			ID: t.Key, Name: name, Typing: e.typing(t, who), Note: e.note(who, with), Settings: e.settings(who, with, t),
		})
	}
	for _, g := range e.st.Groups {
		if !g.knows(who.aci) {
			continue
		}
		t := e.st.groupThread(g.ID)
		out = append(out, phone.Chat{
			ID: t.Key, Name: g.Name, Group: true, Typing: e.typing(t, who),
			Note: strconv.Itoa(len(g.Members)) + " members", Settings: e.settings(who, nil, t),
		})
	}
	return out, nil
}

// partners are those with whom somebody has a chat: a customer with all accounts of the business, an account with all
// customers and itself.
func (e *Emulator) partners(who *party) []*party {
	var out []*party
	if who.person != nil {
		for _, b := range e.st.Accounts {
			out = append(out, b.party())
		}
		return out
	}
	for _, p := range e.st.People {
		out = append(out, p.party())
	}
	return append(out, who)
}

// typing tells whether somebody else is typing.
func (e *Emulator) typing(t *thread, who *party) bool {
	for aci, until := range t.Typing {
		if aci != who.aci && until > e.clock.Now().UnixMilli() {
			return true
		}
	}
	return false
}

// note is one line about a chat.
func (e *Emulator) note(who, with *party) string {
	b, other := who.business, with
	if b == nil {
		b, other = with.business, who
	}
	if other.person == nil {
		return ""
	}
	rel := b.relation(other.aci)
	var notes []string
	switch {
	case !b.OnDaemon:
		notes = append(notes, "the daemon is not linked")
	case rel.Version != 0 && (rel.Version != other.person.Version || rel.Trust == untrusted):
		notes = append(notes, "the safety number has changed and is not trusted")
	case rel.Met && !rel.Accepted:
		notes = append(notes, "message request, not accepted yet")
	}
	if rel.Blocked {
		notes = append(notes, "blocked by the business")
	}
	if timer := e.st.direct(b.ACI, other.aci).Timer; timer > 0 {
		notes = append(notes, "messages disappear after "+(time.Duration(timer)*time.Second).String())
	}
	return strings.Join(notes, ", ")
}

// file is a file opened for the page.
type openFile struct{ *bytes.Reader }

// Close closes it.
func (openFile) Close() error { return nil }

// Open opens a file that a message on somebody's phone shows.
func (n phones) Open(id, fileID string) (io.ReadSeekCloser, phone.File, error) {
	e := n.e
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.phone(id)
	if err != nil {
		return nil, phone.File{}, err
	}
	for i := range p.Messages {
		for _, f := range filesOf(&p.Messages[i]) {
			if f.ID != fileID {
				continue
			}
			if s := p.Messages[i].Sticker; s != nil {
				sample, _ := sticker(s.PackID, int64(s.StickerID))
				return openFile{bytes.NewReader(sample.Data)}, f, nil
			}
			_, data, err := e.content(fileID)
			if err != nil {
				return nil, phone.File{}, err
			}
			return openFile{bytes.NewReader(data)}, f, nil
		}
	}
	return nil, phone.File{}, fmt.Errorf("file on an emulated phone: %w", errs.ErrNotFound)
}
