package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Phones is the emulator as the phone page shows it: one chat per business number, and the groups.
func (e *Emulator) Phones() phone.Network { return phones{e} }

// phones implements phone.Network.
type phones struct{ e *Emulator }

// ID implements phone.Network.
func (phones) ID() string { return "whatsapp" }

// Name implements phone.Network.
func (phones) Name() string { return "WhatsApp" }

// Look implements phone.Looker.
func (phones) Look() phone.Look {
	return phone.Look{Colour: "#25d366", Address: "+1 650 555 1234, or @username"}
}

// Changed implements phone.Network.
func (p phones) Changed() <-chan struct{} {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	return p.e.changed
}

// Failures lists the magic numbers.
func (phones) Failures() []phone.Failure { return emulation.Failures(MagicNumbers()) }

// Customers implements phone.Network.
func (p phones) Customers() []phone.Customer {
	var out []phone.Customer
	for _, c := range p.e.Customers() {
		out = append(out, c.shown())
	}
	return out
}

func (c Customer) shown() phone.Customer {
	var address []string
	if c.Username != "" {
		address = append(address, "@"+c.Username)
	}
	if c.WaID != "" {
		address = append(address, "+"+c.WaID)
	}
	return phone.Customer{ID: c.UserID, Name: c.Name, Address: strings.Join(address, " ")}
}

// AddCustomer takes a phone number, a username, or both. Whoever has a username hides the number, as WhatsApp lets
// them. ref: reference/whatsapp-cloud.md §3
func (p phones) AddCustomer(_ context.Context, name, address string) (phone.Customer, error) {
	c := Customer{Name: name}
	for _, word := range strings.Fields(address) {
		if username, ok := strings.CutPrefix(word, "@"); ok && username != "" {
			c.Username, c.HidesNumber = username, true
		} else {
			c.WaID += word
		}
	}
	bad := strings.Trim(c.WaID, "+0123456789-()") != "" || c.WaID != "" && (len(onlyDigits(c.WaID)) < 6 || len(onlyDigits(c.WaID)) > 15)
	if name == "" || bad {
		return phone.Customer{}, errs.Tell(fmt.Errorf("customer of the emulator: %w", errs.ErrInvalid),
			"A customer needs a name, and a phone number such as +1 650 555 1234 or a username such as @ana.")
	}
	if c.WaID == "" {
		c.WaID = p.freeNumber()
	}
	added, err := p.e.AddCustomer(c)
	if errors.Is(err, errs.ErrConflict) {
		err = errs.Tell(err, "Somebody has that phone number already.")
	}
	return added.shown(), err
}

// freeNumber makes up a phone number that nobody has and that chooses no failure.
func (p phones) freeNumber() string {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	for {
		number := "1650555" + strconv.Itoa(1000+rand.IntN(9000)) // #nosec G404 -- a sample, no secret
		if magicOf(number) == "" && p.e.st.personByWaID(number) == nil {
			return number
		}
	}
}

// Chats lists the customer's chats with the business numbers and then the groups.
func (p phones) Chats(customerID string) ([]phone.Chat, error) {
	seen, err := p.e.Phone(customerID)
	if err != nil {
		return nil, err
	}
	settings := p.settings(seen)
	var out []phone.Chat
	for _, n := range p.e.opt.Numbers {
		out = append(out, phone.Chat{
			ID: n.PhoneNumberID, Name: n.VerifiedName, Typing: slices.Contains(seen.Typing, n.PhoneNumberID),
			Note: p.note(seen, n), Unread: seen.unread(n.PhoneNumberID, ""), Settings: settings(n.PhoneNumberID),
		})
	}
	for _, g := range p.groups(customerID) {
		out = append(out, phone.Chat{
			ID: g.ID, Name: g.Subject, Group: true, Note: fmt.Sprintf("%d customers", len(g.Members)),
			Unread: seen.unread(g.Number, g.ID), Settings: settings(g.Number),
		})
	}
	return out, nil
}

func (p phones) groups(customerID string) []Group {
	p.e.mu.Lock()
	defer p.e.mu.Unlock()
	var out []Group
	for _, g := range p.e.st.Groups {
		if g.member(customerID) {
			out = append(out, g.Group)
		}
	}
	return out
}

// unread counts what the business sent and the customer did not read, in a group or (without one) to a number.
func (p Phone) unread(number, group string) int {
	n := 0
	for _, m := range p.Messages {
		status := m.Status
		if group != "" {
			status = *m.toldOf(p.Customer.UserID)
		}
		if m.FromBusiness && !m.Echo && m.Number == number && m.GroupID == group && rank(status) < rank(Read) {
			n++
		}
	}
	return n
}

// note tells what may be sent to the customer now. ref: reference/whatsapp-cloud.md §2, the 24-hour window
func (p phones) note(seen Phone, n Number) string {
	p.e.mu.Lock()
	last := p.e.st.chat(seen.Customer.UserID, n.PhoneNumberID).LastInbound
	p.e.mu.Unlock()
	note := "Window closed: templates only"
	if left := last.Add(serviceWindow).Sub(p.e.clock.Now()); left > 0 && !last.IsZero() {
		note = fmt.Sprintf("Window open, %d h %02d min left", int(left.Hours()), int(left.Minutes())%60)
	}
	if !seen.Online {
		note = "Phone is off"
	}
	note += " · " + n.DisplayPhoneNumber
	if n.Coexistence {
		note += " · also in the business app"
	}
	return note
}

// The settings that a customer can switch.
const (
	settingReceipts = "receipts"
	settingOnline   = "online"
	settingOffers   = "marketing"
	settingHidden   = "hidden"
)

// settings returns the switches of a customer, which but for one are the same for all business numbers.
func (p phones) settings(seen Phone) func(number string) []phone.Setting {
	return func(number string) []phone.Setting {
		p.e.mu.Lock()
		stopped := p.e.st.chat(seen.Customer.UserID, number).Stopped
		p.e.mu.Unlock()
		return []phone.Setting{
			{ID: settingReceipts, Name: "Read receipts", On: seen.ReadReceipts},
			{ID: settingOnline, Name: "Phone is on", On: seen.Online},
			{ID: settingOffers, Name: "Take offers (marketing)", On: !stopped},
			{ID: settingHidden, Name: "Hide the phone number", On: seen.Customer.HidesNumber},
		}
	}
}

// Messages lists those of one chat: a group's, or those with one business number.
func (p phones) Messages(customerID, chatID string) ([]phone.Message, error) {
	chat, group, err := p.find(customerID, chatID)
	if err != nil {
		return nil, err
	}
	seen, err := p.e.Phone(customerID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range p.e.Customers() {
		names[c.UserID] = c.Name
	}
	var out []phone.Message
	for _, m := range seen.Messages {
		if m.Number == chat.number.PhoneNumberID && m.GroupID == group {
			out = append(out, p.message(m, customerID, names))
		}
	}
	return out, nil
}

// find tells with which number a chat is, and in which group if it is one.
func (p phones) find(customerID, chatID string) (chat *Chat, group string, err error) {
	for _, g := range p.groups(customerID) {
		if g.ID == chatID {
			chat, err = p.e.Chat(customerID, g.Number)
			return chat, g.ID, err
		}
	}
	if chatID == "" {
		return nil, "", fmt.Errorf("chat of the emulator: %w", errs.ErrNotFound)
	}
	chat, err = p.e.Chat(customerID, chatID)
	return chat, "", err
}

// Open opens a file that the customer's phone shows.
func (p phones) Open(customerID, fileID string) (io.ReadSeekCloser, phone.File, error) {
	missing := fmt.Errorf("file of the emulator: %w", errs.ErrNotFound)
	seen, err := p.e.Phone(customerID)
	if err != nil {
		return nil, phone.File{}, missing
	}
	i := slices.IndexFunc(seen.Messages, func(m Message) bool { return m.Media != nil && m.Media.ID == fileID })
	if i < 0 {
		return nil, phone.File{}, missing
	}
	file, err := p.e.files.Open(fileID)
	if err != nil {
		return nil, phone.File{}, missing
	}
	return file, *shownFile(seen.Messages[i].Media), nil
}
