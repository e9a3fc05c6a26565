package emulator

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Phones are the phones for the page on which people play customers.
func (e *Emulator) Phones() phone.Network { return phones{e} }

// phones shows the emulator to the page.
type phones struct{ e *Emulator }

// ID implements phone.Network.
func (phones) ID() string { return "telegram" }

// Name implements phone.Network.
func (phones) Name() string { return "Telegram" }

// Changed implements phone.Network.
func (p phones) Changed() <-chan struct{} { return p.e.Changed() }

// Failures implements phone.Network.
func (phones) Failures() []phone.Failure { return emulation.Failures(MagicNumbers()) }

// Customers implements phone.Network.
func (p phones) Customers() []phone.Customer {
	var out []phone.Customer
	for _, c := range p.e.Customers() {
		out = append(out, shownCustomer(c))
	}
	return out
}

func shownCustomer(c Customer) phone.Customer {
	address := decimal(c.ID)
	if c.Username != "" {
		address = "@" + c.Username
	}
	return phone.Customer{ID: decimal(c.ID), Name: c.Name(), Address: address}
}

// AddCustomer implements phone.Network. It takes an @username or a user ID as the address.
func (p phones) AddCustomer(_ context.Context, name, address string) (phone.Customer, error) {
	c := Customer{}
	c.FirstName, c.LastName, _ = strings.Cut(strings.TrimSpace(name), " ")
	address = strings.TrimSpace(address)
	if id, err := strconv.ParseInt(address, 10, 64); err == nil && id > 0 {
		c.ID = id
	} else {
		c.Username = strings.TrimPrefix(address, "@")
	}
	added, err := p.e.AddCustomer(c)
	if err != nil {
		return phone.Customer{}, errs.Tell(err, "A customer on Telegram needs a name, and as the address nothing, a free user "+
			"ID, or a free username like @ana: 4 to 32 letters, digits and underscores, with a letter first.")
	}
	return shownCustomer(added), nil
}

// view is a phone by the page's ID. Everybody has a chat with every bot and every business account, if only an empty one.
func (p phones) view(customerID string) (Phone, error) {
	id, err := strconv.ParseInt(customerID, 10, 64)
	if err != nil {
		return Phone{}, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	for _, b := range p.e.Bots() {
		if _, err := p.e.Chat(id, b.ID()); err != nil {
			return Phone{}, err
		}
	}
	for _, owner := range p.e.Customers() {
		if owner.Business && owner.ID != id {
			if _, err := p.e.BusinessChat(id, owner.ID); err != nil {
				return Phone{}, err
			}
		}
	}
	shown, err := p.e.Phone(id)
	order := []string{kindPrivate, kindBusiness, kindGroup, kindSupergroup, kindChannel}
	slices.SortStableFunc(shown.Chats, func(a, b View) int {
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
	return shown, err
}

// Chats implements phone.Network: the chats with the bots, then those with business accounts, then groups.
func (p phones) Chats(customerID string) ([]phone.Chat, error) {
	shown, err := p.view(customerID)
	if err != nil {
		return nil, err
	}
	var out []phone.Chat
	for _, v := range shown.Chats {
		out = append(out, phone.Chat{
			ID: v.Key, Name: v.Name, Group: v.Kind != kindPrivate && v.Kind != kindBusiness,
			Typing: v.Typing != "", Unread: v.Unread, Note: p.note(shown.Customer, v), Settings: p.settings(shown.Customer, v),
		})
	}
	return out, nil
}

// note is the line above a chat.
func (p phones) note(c Customer, v View) string {
	var parts []string
	switch v.Kind {
	case kindBusiness:
		if owner, user := p.e.parties(v.Key); owner == c.ID {
			parts = append(parts, "your business account")
		} else if left := p.e.answerTime(owner, user); left > 0 {
			parts = append(parts, fmt.Sprintf("the bot may answer for %d h", int(left.Hours()+1)))
		}
	case kindSupergroup, kindChannel:
		parts = append(parts, v.Kind)
	case kindPrivate:
		if len(v.Messages) == 0 {
			parts = append(parts, "not started: write to the bot first")
		}
	}
	if n := len(v.Answers); n > 0 && v.Answers[n-1].By == c.ID && v.Answers[n-1].Text != "" {
		parts = append(parts, "the bot answered the button: “"+v.Answers[n-1].Text+"”")
	}
	if asksContact(v.Keyboard) {
		parts = append(parts, "the bot asks for your contact")
	}
	return strings.Join(parts, "; ")
}

func asksContact(keyboard object) bool {
	rows, _ := keyboard["keyboard"].([]any)
	for _, row := range rows {
		cells, _ := row.([]any)
		for _, v := range cells {
			if button, _ := v.(object); button["request_contact"] == true {
				return true
			}
		}
	}
	return false
}

// parties are the owner and the customer of a business chat.
func (e *Emulator) parties(key string) (owner, user int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if one := e.st.chat(key); one != nil {
		return one.Owner, one.User
	}
	return 0, 0
}

// answerTime is how long a bot may still answer a customer for a business account.
func (e *Emulator) answerTime(owner, user int64) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	one := e.st.chat(businessKey(owner, user))
	if one == nil || one.LastIn.IsZero() {
		return 0
	}
	return max(0, answerRight-e.clock.Now().Sub(one.LastIn))
}

// The switches of a chat.
const (
	setBlocked   = "blocked"
	setConnected = "connected"
	setAdmin     = "admin"
)

func (p phones) settings(c Customer, v View) []phone.Setting {
	switch v.Kind {
	case kindPrivate:
		out := []phone.Setting{{ID: setBlocked, Name: "Block the bot", On: v.Blocked}}
		if c.Business {
			out = append(out, phone.Setting{ID: setConnected, Name: "Connect the bot to my business account", On: p.e.connected(v.Key) != ""})
		}
		return out
	case kindGroup, kindSupergroup:
		return []phone.Setting{{ID: setAdmin, Name: "The bot is an administrator", On: p.e.botIsAdmin(v.Key)}}
	}
	return nil
}

// connected returns the ID of the open connection of a private chat's bot to that person's account, or "".
func (e *Emulator) connected(key string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	one := e.st.chat(key)
	if conn := e.connectionOf(one.Bot, one.User); conn != nil && conn.Enabled {
		return conn.ID
	}
	return ""
}

func (e *Emulator) botIsAdmin(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	one := e.st.chat(key)
	for _, b := range e.st.Bots {
		if one.admin(b.ID()) {
			return true
		}
	}
	return false
}

// Open implements phone.Network.
func (p phones) Open(customerID, fileID string) (io.ReadSeekCloser, phone.File, error) {
	shown, err := p.view(customerID)
	if err != nil {
		return nil, phone.File{}, err
	}
	for _, v := range shown.Chats {
		for _, m := range v.Messages {
			if f := shownFile(m); f != nil && f.ID == fileID && !m.Deleted {
				data, err := p.e.OpenFile(fileID)
				return data, *f, err
			}
		}
	}
	return nil, phone.File{}, fmt.Errorf("file on a phone: %w", errs.ErrNotFound)
}
