package phone_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// memory is a network in which customers can do everything, and nobody answers unless a test does.
type memory struct {
	id, name string

	mu        sync.Mutex
	customers []phone.Customer
	chats     map[string][]*memoryChat // by customer
	files     map[string]memoryFile
	did       []phone.Gesture
	lastID    int
	clock     time.Time
	changed   chan struct{}
	offers    []phone.Offer
}

type memoryChat struct {
	phone.Chat
	messages []phone.Message
}

type memoryFile struct {
	phone.File
	content []byte
}

func newMemory(id, name string, people ...string) *memory {
	n := &memory{
		id: id, name: name, chats: map[string][]*memoryChat{}, files: map[string]memoryFile{}, changed: make(chan struct{}),
		clock: time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC),
	}
	for _, kind := range []string{
		phone.Text, phone.SendFile, phone.Voice, phone.Sticker, phone.Location, phone.Contact, phone.PollStart, phone.Vote, phone.React,
		phone.Unreact, phone.Edit, phone.Delete, phone.Press, phone.Read, phone.Played, phone.Typing, phone.Call, phone.Odd,
	} {
		n.offers = append(n.offers, phone.Offer{Kind: kind, Name: "Offer " + kind})
	}
	for _, name := range people {
		if _, err := n.AddCustomer(context.Background(), name, ""); err != nil {
			panic(err)
		}
	}
	return n
}

func (n *memory) ID() string   { return n.id }
func (n *memory) Name() string { return n.name }

func (n *memory) Customers() []phone.Customer {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.customers)
}

func (n *memory) AddCustomer(_ context.Context, name, address string) (phone.Customer, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name == "" {
		return phone.Customer{}, errs.Tell(fmt.Errorf("customer: %w", errs.ErrInvalid), "A customer needs a name.")
	}
	if slices.ContainsFunc(n.customers, func(c phone.Customer) bool { return address != "" && c.Address == address }) {
		return phone.Customer{}, errs.Tell(fmt.Errorf("customer: %w", errs.ErrConflict), "Somebody has that address already.")
	}
	id := "c" + strconv.Itoa(len(n.customers)+1)
	if address == "" {
		address = "+1 650 555 010" + strconv.Itoa(len(n.customers))
	}
	c := phone.Customer{ID: id, Name: name, Address: address}
	n.customers = append(n.customers, c)
	n.chats[id] = []*memoryChat{{Chat: phone.Chat{ID: "main", Name: "Lucky Shrub", Settings: []phone.Setting{{ID: "receipts", Name: "Read receipts", On: true}}}}}
	n.touch()
	return c, nil
}

// touch is called with mu held.
func (n *memory) touch() {
	close(n.changed)
	n.changed = make(chan struct{})
}

func (n *memory) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

func (n *memory) chat(customerID, chatID string) (*memoryChat, error) {
	for _, c := range n.chats[customerID] {
		if c.ID == chatID {
			return c, nil
		}
	}
	return nil, fmt.Errorf("chat: %w", errs.ErrNotFound)
}

func (n *memory) Chats(customerID string) ([]phone.Chat, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []phone.Chat
	for _, c := range n.chats[customerID] {
		chat := c.Chat
		chat.Settings = slices.Clone(c.Settings)
		out = append(out, chat)
	}
	if out == nil {
		return nil, fmt.Errorf("customer: %w", errs.ErrNotFound)
	}
	return out, nil
}

func (n *memory) Messages(customerID, chatID string) ([]phone.Message, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c, err := n.chat(customerID, chatID)
	if err != nil {
		return nil, err
	}
	return slices.Clone(c.messages), nil
}

func (n *memory) Gestures() []phone.Offer { return n.offers }

func (n *memory) Failures() []phone.Failure {
	return []phone.Failure{{Ending: "0429", Effect: "too fast: taken at the second try"}, {Ending: "0500", Effect: "the provider is down"}}
}

func (n *memory) Open(customerID, fileID string) (io.ReadSeekCloser, phone.File, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, ok := n.files[customerID+" "+fileID]
	if !ok {
		return nil, phone.File{}, fmt.Errorf("file: %w", errs.ErrNotFound)
	}
	return readCloser{bytes.NewReader(f.content)}, f.File, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// Do records the gesture and shows what comes of it.
func (n *memory) Do(_ context.Context, customerID, chatID string, g phone.Gesture) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	c, err := n.chat(customerID, chatID)
	if err != nil {
		return err
	}
	defer n.touch()
	n.did = append(n.did, g)
	if strings.HasPrefix(g.Text, "forbidden") {
		return errs.Tell(fmt.Errorf("text: %w", errs.ErrForbidden), "The business has <blocked> you.")
	}
	switch g.Kind {
	case phone.Read:
		c.Unread = 0
	case phone.Set:
		c.Settings[0].On = g.On
	case phone.Typing, phone.Played:
	case phone.Call:
		n.put(customerID, c, phone.Message{Line: "Voice call, not answered"})
	case phone.Vote, phone.React, phone.Unreact, phone.Edit, phone.Delete, phone.Press:
		return n.change(c, g)
	default:
		n.put(customerID, c, n.written(g))
	}
	return nil
}

// written is a message of the customer's.
func (n *memory) written(g phone.Gesture) phone.Message {
	m := phone.Message{Mine: true, Text: g.Text, Quote: g.Message, State: "delivered", Place: g.Place, CanEdit: true, CanDelete: true}
	switch g.Kind {
	case phone.SendFile, phone.Voice, phone.Sticker:
		up := g.File
		if up == nil {
			up = &phone.Upload{Name: "sample.txt", Mime: "text/plain", Content: []byte("sample")}
		}
		family, _, _ := strings.Cut(up.Mime, "/")
		kind := map[string]string{"image": "image", "video": "video", "audio": "audio"}[family]
		if kind == "" {
			kind = "file"
		}
		if g.Kind != phone.SendFile {
			kind = g.Kind
		}
		m.File = &phone.File{Kind: kind, Mime: up.Mime, Name: up.Name, Size: int64(len(up.Content))}
		n.lastID++
		m.File.ID = "f" + strconv.Itoa(n.lastID)
		n.files["new"] = memoryFile{*m.File, up.Content}
	case phone.Contact:
		m.Cards, m.Text = []phone.Card{{Name: g.Text + " Pérez", Lines: []string{"+1 650 555 0199"}}}, ""
	case phone.PollStart:
		m.Poll, m.Text = &phone.Poll{Question: g.Text, Multiple: g.On}, ""
		for _, text := range g.Choices {
			m.Poll.Options = append(m.Poll.Options, phone.Option{Text: text})
		}
	case phone.Odd:
		m.Line = "Sent something that the business cannot see"
	}
	return m
}

// put adds a message to a chat. mu is held.
func (n *memory) put(customerID string, c *memoryChat, m phone.Message) string {
	n.lastID++
	if m.ID == "" {
		m.ID = "m" + strconv.Itoa(n.lastID)
	}
	if m.HTML == "" {
		m.HTML = template.HTML(html.EscapeString(m.Text)) // #nosec G203 -- escaped
	}
	if m.At.IsZero() {
		n.clock = n.clock.Add(time.Minute)
		m.At = n.clock
	}
	if f, ok := n.files["new"]; ok {
		delete(n.files, "new")
		n.files[customerID+" "+f.ID] = f
	}
	c.messages = append(c.messages, m)
	return m.ID
}

func (n *memory) change(c *memoryChat, g phone.Gesture) error {
	i := slices.IndexFunc(c.messages, func(m phone.Message) bool { return m.ID == g.Message })
	if i < 0 {
		return fmt.Errorf("message: %w", errs.ErrNotFound)
	}
	m := &c.messages[i]
	switch g.Kind {
	case phone.React:
		m.Reactions = []string{g.Text}
	case phone.Unreact:
		m.Reactions = nil
	case phone.Edit:
		m.Text, m.Edited = g.Text, true
		m.HTML = template.HTML(html.EscapeString(g.Text)) // #nosec G203 -- escaped
	case phone.Delete:
		m.Deleted = true
	case phone.Press:
		buttons := slices.Clone(m.Buttons)
		for b := range buttons {
			buttons[b].Pressed = buttons[b].ID == g.Choices[0]
		}
		m.Buttons = buttons
	case phone.Vote:
		poll := *m.Poll
		poll.Options = slices.Clone(poll.Options)
		for o := range poll.Options {
			mine := slices.Contains(g.Choices, strconv.Itoa(o))
			if mine != poll.Options[o].Mine {
				poll.Options[o].Votes += map[bool]int{true: 1, false: -1}[mine]
			}
			poll.Options[o].Mine = mine
		}
		m.Poll = &poll
	}
	return nil
}

// says lets the business (or whoever From names) write to a customer, and returns the message's ID.
func (n *memory) says(customerID string, m phone.Message, content ...byte) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.chats[customerID][0]
	if m.File != nil && content != nil {
		m.File.Size = int64(len(content))
		n.files["new"] = memoryFile{*m.File, content}
	}
	if !m.Mine {
		c.Unread++
	}
	defer n.touch()
	return n.put(customerID, c, m)
}

// alter changes a customer's main chat or its messages.
func (n *memory) alter(customerID string, how func(*memoryChat)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	how(n.chats[customerID][0])
	n.touch()
}

// lastGesture returns what a customer did last.
func (n *memory) lastGesture() phone.Gesture {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.did) == 0 {
		return phone.Gesture{}
	}
	return n.did[len(n.did)-1]
}
