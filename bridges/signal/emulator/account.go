package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Account is a Signal account of the business.
type Account struct {
	Number string // "+4930123456"
	ACI    string // made if empty
	Name   string // profile name
	// Phone tells that the business has the account on a phone, of which the daemon is or can be a linked device.
	// Without it the daemon registered the number itself.
	Phone bool
}

// business is an account of the business and what the daemon and Signal's server know of it.
type business struct {
	Number   string `json:"number"`
	ACI      string `json:"aci"`
	PNI      string `json:"pni"`
	OnDaemon bool   `json:"on_daemon"`
	HasPhone bool   `json:"has_phone"`
	// Registered is false once the account was deleted.
	Registered bool     `json:"registered"`
	Given      string   `json:"given"`
	Family     string   `json:"family"`
	About      string   `json:"about"`
	AboutEmoji string   `json:"about_emoji"`
	Avatar     string   `json:"avatar"` // file ID
	Username   string   `json:"username"`
	PIN        string   `json:"pin"` // of the registration lock
	Devices    []device `json:"devices"`
	DeviceID   int      `json:"device_id"` // the daemon's
	NextDevice int      `json:"next_device"`
	Settings   settings `json:"settings"`

	Known   map[string]*relation `json:"known"` // by ACI
	Queue   []*letter            `json:"queue"` // on Signal's server
	LastDue int64                `json:"last_due"`
}

// device is one device of an account.
type device struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Created  int64  `json:"created"`
	LastSeen int64  `json:"last_seen"`
}

// settings is what updateConfiguration and updateAccount set.
type settings struct {
	NoReadReceipts bool `json:"no_read_receipts"`
	NoTyping       bool `json:"no_typing"`
	NoPreviews     bool `json:"no_previews"`
	Unidentified   bool `json:"unidentified"`
	SharesNumber   bool `json:"shares_number"`
	Undiscoverable bool `json:"undiscoverable"`
}

// seed puts an account of Options into the world unless an earlier run kept it.
func (e *Emulator) seed(a Account, onDaemon bool) {
	if e.st.account(a.Number) != nil {
		return
	}
	b := e.newBusiness(a)
	if onDaemon {
		e.putOnDaemon(b, "cli")
	}
	e.st.Accounts = append(e.st.Accounts, b)
}

func (e *Emulator) newBusiness(a Account) *business {
	given, family := splitName(a.Name)
	b := &business{
		Number: a.Number, ACI: a.ACI, PNI: newUUID(), HasPhone: a.Phone, Registered: true, Given: given, Family: family,
		NextDevice: 2, Known: map[string]*relation{},
	}
	if b.ACI == "" {
		b.ACI = newUUID()
	}
	if a.Phone {
		now := e.clock.Now().UnixMilli()
		b.Devices = []device{{ID: 1, Created: now, LastSeen: now}}
	}
	return b
}

// putOnDaemon makes the daemon a device of the account: its first one if there is no phone. The caller holds mu.
func (e *Emulator) putOnDaemon(b *business, name string) {
	now := e.clock.Now().UnixMilli()
	b.OnDaemon, b.DeviceID = true, 1
	if b.HasPhone {
		b.DeviceID = b.NextDevice
		b.NextDevice++
	}
	b.Devices = append(b.Devices, device{ID: b.DeviceID, Name: name, Created: now, LastSeen: now})
}

// AddAccount puts another account of the business into the world while it runs: on the daemon, which picks it up live,
// or (onDaemon false) only on a phone.
func (e *Emulator) AddAccount(a Account, onDaemon bool) (Account, error) {
	if !isNumber(a.Number) || a.ACI != "" && !isUUID(a.ACI) {
		return Account{}, fmt.Errorf("account of the emulator: it needs a number like +491701234567: %w", errs.ErrInvalid)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.st.party(a.Number) != nil || e.st.party(a.ACI) != nil {
		return Account{}, fmt.Errorf("account of the emulator: %w", errs.ErrConflict)
	}
	if !onDaemon {
		a.Phone = true
	}
	e.seed(a, onDaemon)
	e.touch()
	return e.st.account(a.Number).public(), nil
}

// Accounts lists the business's accounts, on the daemon or not.
func (e *Emulator) Accounts() []Account {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Account
	for _, b := range e.st.Accounts {
		out = append(out, b.public())
	}
	return out
}

// OnDaemon tells whether the daemon has an account and is still one of its devices.
func (e *Emulator) OnDaemon(number string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.st.onDaemon(number) != nil
}

// Unlink ends the daemon's access to an account, as its owner does on the phone, or Signal after 30 days: it is gone
// from listAccounts, and calls for it fail. What waited for it is lost.
func (e *Emulator) Unlink(number string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.st.onDaemon(number)
	if b == nil {
		return fmt.Errorf("account on the emulated daemon: %w", errs.ErrNotFound)
	}
	e.takeOff(b)
	e.touch()
	return nil
}

// takeOff removes the daemon from an account's devices. The caller holds mu.
func (e *Emulator) takeOff(b *business) {
	b.OnDaemon, b.Queue = false, nil
	b.Devices = slices.DeleteFunc(b.Devices, func(d device) bool { return d.ID == b.DeviceID })
	for _, s := range e.subs {
		delete(s.accounts, b.ACI)
	}
}

func (b *business) public() Account {
	return Account{Number: b.Number, ACI: b.ACI, Name: joinName(b.Given, b.Family), Phone: b.HasPhone}
}

// account finds an account by number or ACI, on the daemon or not.
func (s *state) account(name string) *business {
	for _, b := range s.Accounts {
		if b.Number == name || b.ACI == name {
			return b
		}
	}
	return nil
}

func (s *state) onDaemon(name string) *business {
	if b := s.account(name); b != nil && b.OnDaemon {
		return b
	}
	return nil
}

func (s *state) daemonAccounts() []*business {
	var out []*business
	for _, b := range s.Accounts {
		if b.OnDaemon {
			out = append(out, b)
		}
	}
	return out
}

func doListAccounts(c *call, _ *business, _ params) (any, error) {
	out := []object{}
	for _, b := range c.e.st.daemonAccounts() {
		out = append(out, object{"number": b.Number})
	}
	return out, nil
}
